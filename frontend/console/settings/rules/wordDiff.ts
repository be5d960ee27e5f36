/** Two sentences laid over each other: what stayed, what went, what is new. Long stretches that stayed are cut short. */
export interface Stretch {
  text: string
  kind: 'same' | 'gone' | 'new'
}

/** Words kept on either side of a change. */
const AROUND = 5

/** Terms in quotation marks stay whole, so that a phrase is new or gone as one. */
const cut = (text: string): string[] => text.match(/[“«][^”»]*[”»][,.;:]?|\S+/g) ?? []

/** Length of the longest common run of words, for each pair of beginnings. */
function table(a: string[], b: string[]): Uint32Array[] {
  const rows = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1))
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      rows[i]![j] =
        a[i] === b[j] ? rows[i + 1]![j + 1]! + 1 : Math.max(rows[i + 1]![j]!, rows[i]![j + 1]!)
    }
  }
  return rows
}

function pairs(a: string[], b: string[]): Stretch[] {
  const rows = table(a, b)
  const found: Stretch[] = []
  let i = 0
  let j = 0
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      found.push({ text: a[i]!, kind: 'same' })
      i += 1
      j += 1
    } else if (i < a.length && (j === b.length || rows[i + 1]![j]! >= rows[i]![j + 1]!)) {
      found.push({ text: a[i]!, kind: 'gone' })
      i += 1
    } else {
      found.push({ text: b[j]!, kind: 'new' })
      j += 1
    }
  }
  return found
}

function shortened(words: string[], first: boolean, last: boolean): string {
  const head = first ? 0 : AROUND
  const tail = last ? 0 : AROUND
  if (words.length <= head + tail + 2) return words.join(' ')
  return [...words.slice(0, head), '…', ...words.slice(words.length - tail)].join(' ')
}

export function wordDiff(before: string, after: string): Stretch[] {
  const groups: { words: string[]; kind: Stretch['kind'] }[] = []
  for (const { text, kind } of pairs(cut(before), cut(after))) {
    const last = groups.at(-1)
    if (last?.kind === kind) last.words.push(text)
    else groups.push({ words: [text], kind })
  }
  return groups.map(({ words, kind }, at) => ({
    kind,
    text: kind === 'same' ? shortened(words, at === 0, at === groups.length - 1) : words.join(' '),
  }))
}
