/** Cuts a text into marked and plain pieces. */

export interface Span {
  start: number
  end: number
  term: string
}

export interface Piece {
  text: string
  marked: boolean
  label: string
}

/**
 * Positions are counted in characters as Python counts them: a picture outside the basic plane is one,
 * not two. Spans that overlap are joined.
 */
export function pieces(text: string, spans: Span[]): Piece[] {
  const letters = [...text]
  const sorted = spans
    .filter((span) => span.start < span.end && span.start >= 0 && span.end <= letters.length)
    .sort((a, b) => a.start - b.start || b.end - a.end)
  const found: Piece[] = []
  let at = 0
  for (const span of sorted) {
    const start = Math.max(span.start, at)
    if (span.end <= start) continue
    if (start > at)
      found.push({ text: letters.slice(at, start).join(''), marked: false, label: '' })
    found.push({ text: letters.slice(start, span.end).join(''), marked: true, label: span.term })
    at = span.end
  }
  if (at < letters.length)
    found.push({ text: letters.slice(at).join(''), marked: false, label: '' })
  return found
}
