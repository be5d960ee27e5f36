/** Splits plain text into words and links, so that a template can draw it without any HTML string. */

export interface Segment {
  text: string
  href?: string
}

const LINK = /\bhttps?:\/\/[^\s<>"']+|\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+/gi
const TRAILING = /[.,;:!?)\]}»’]+$/

export function linkify(text: string): Segment[] {
  const segments: Segment[] = []
  let from = 0
  for (const match of text.matchAll(LINK)) {
    const found = match[0].replace(TRAILING, '')
    if (match.index > from) segments.push({ text: text.slice(from, match.index) })
    segments.push({ text: found, href: /^https?:/i.test(found) ? found : `mailto:${found}` })
    from = match.index + found.length
  }
  if (from < text.length) segments.push({ text: text.slice(from) })
  return segments
}
