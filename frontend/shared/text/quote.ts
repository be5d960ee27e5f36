/** Separates what a person wrote from the earlier mail that hangs below it. */

const ATTRIBUTION =
  /^(?:On .{5,200} wrote:|Le .{5,200} a écrit\s*:|-{2,}\s*(?:Original Message|Message d'origine)\s*-{2,})\s*$/i

export interface Quoted {
  said: string
  quoted: string
}

/** Only a quote at the very end is folded; answers between quoted lines stay readable. */
export function splitQuote(text: string): Quoted {
  const lines = text.replace(/\r\n/g, '\n').split('\n')
  let start = lines.length
  while (start > 0) {
    const line = lines[start - 1]!.trim()
    if (line === '' || line.startsWith('>')) start -= 1
    else break
  }
  const attribution = lines.findIndex((line) => ATTRIBUTION.test(line.trim()))
  if (attribution >= 0 && attribution <= start) {
    const tail = lines.slice(attribution + 1)
    const allQuoted = tail.every((line) => line.trim() === '' || line.trim().startsWith('>'))
    if (allQuoted || /^-{2,}/.test(lines[attribution]!.trim())) start = attribution
  }
  const quoted = lines.slice(start).join('\n').trim()
  const said = lines.slice(0, start).join('\n').trimEnd()
  if (!quoted || !said.trim()) return { said: text, quoted: '' }
  return { said, quoted }
}
