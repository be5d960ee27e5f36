/** Compares two translation files: same keys, same placeholders. Used by the tests of each app. */

type Tree = { [key: string]: string | Tree }

export function flatten(tree: Tree, prefix = ''): Map<string, string> {
  const flat = new Map<string, string>()
  for (const [key, value] of Object.entries(tree)) {
    const path = prefix ? `${prefix}.${key}` : key
    if (typeof value === 'string') flat.set(path, value)
    else for (const [inner, text] of flatten(value, path)) flat.set(inner, text)
  }
  return flat
}

const placeholders = (text: string): string =>
  [...new Set(text.match(/\{\w+\}/g) ?? [])].sort().join(' ')

/** Every difference as a sentence; an empty list means parity. */
export function differences(left: Tree, right: Tree): string[] {
  const a = flatten(left)
  const b = flatten(right)
  const found: string[] = []
  for (const key of a.keys()) if (!b.has(key)) found.push(`${key} is missing on the right`)
  for (const key of b.keys()) if (!a.has(key)) found.push(`${key} is missing on the left`)
  for (const [key, text] of a) {
    const other = b.get(key)
    if (other === undefined) continue
    if (!text.trim() || !other.trim()) found.push(`${key} is empty`)
    if (placeholders(text) !== placeholders(other)) found.push(`${key} has other placeholders`)
  }
  return found
}
