/** The words of a condition: how they are typed, and how they are shown to people. */

/** What is typed between commas or on lines; commas within quotation marks belong to the phrase. */
export function parseTerms(typed: string): string[] {
  const straight = typed.replace(/[“”«»]\s?|\s?»/g, '"')
  const found = straight.match(/(?:[^,;\n"]|"[^"\n]*"?)+/g) ?? []
  const terms = found.map((term) => term.trim().replace(/\s+/g, ' ')).filter((term) => term !== '')
  return [...new Set(terms)]
}

export const typedTerms = (terms: string[]): string => terms.join(', ')

export interface SpokenTerm {
  /** Without the quotation marks and signs of the notation. */
  text: string
  /** Within so many words of each other; null when the words follow each other. */
  near: number | null
  /** Its presence makes the condition fail. */
  absent: boolean
}

/** A term's notation taken apart: `"carte débit*"~5`, `-offer`, `"money back"`, `rembours*`. */
export function spoken(term: string): SpokenTerm {
  const absent = /^-(?=\S)/.test(term)
  const rest = absent ? term.slice(1) : term
  const near = /^(.*?)~(\d+)$/.exec(rest)
  const text = (near?.[1] ?? rest).trim().replace(/^["“«]\s?|\s?["”»]$/g, '')
  return { text: text || term, near: near ? Number(near[2]) : null, absent }
}
