/** Putting text where the caret is, never over what was typed. */

/** A "/" (or ";;") at the start of a word before the caret, and what follows it. */
export interface SlashTerm {
  term: string
  start: number
  length: number
}

export function slashTerm(text: string, caret: number): SlashTerm | null {
  const found = /(?:^|\s)((?:\/|;;)([^\s/]*))$/.exec(text.slice(0, caret))
  if (!found?.[1]) return null
  return { term: found[2] ?? '', start: caret - found[1].length, length: found[1].length }
}

export function insertAtCaret(
  box: HTMLTextAreaElement,
  words: string,
  instead?: { start: number; length: number },
): void {
  const start = instead?.start ?? box.selectionStart
  const end = instead ? instead.start + instead.length : box.selectionEnd
  box.focus()
  box.setRangeText(words, start, end, 'end')
  box.dispatchEvent(new Event('input', { bubbles: true }))
}
