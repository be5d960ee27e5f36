/**
 * Reads the messages of our locales: `{name}`, `{'@'}` for a sign of the grammar, cases apart by `|`.
 * vue-i18n's own compiler knows a grammar that we do not use, and every page would carry it.
 */
import type { MessageContext, MessageFunction } from 'vue-i18n'

type Part = string | { name: string }

const PIECES = /\{'([^']*)'\}|\{\s*(\w+)\s*\}|\s*\|\s*/g
const known = new Map<string, MessageFunction>()

/** The cases of a message, each in its parts. */
function read(message: string): Part[][] {
  const cases: Part[][] = [[]]
  let from = 0
  const add = (part: Part): unknown => cases.at(-1)!.push(part)
  for (const found of message.matchAll(PIECES)) {
    add(message.slice(from, found.index))
    from = found.index + found[0].length
    if (found[2]) add({ name: found[2] })
    else if (found[1] === undefined) cases.push([])
    else add(found[1])
  }
  add(message.slice(from))
  return cases
}

export function compileMessage(message: string): MessageFunction {
  const before = known.get(message)
  if (before) return before
  const cases = read(message)
  const said = (ctx: MessageContext): string => {
    const texts = cases.map((parts) =>
      parts
        .map((part) => (typeof part === 'string' ? part : String(ctx.named(part.name) ?? '')))
        .join(''),
    )
    return texts.length === 1 ? texts[0]! : ctx.plural(texts)
  }
  known.set(message, said as MessageFunction)
  return said as MessageFunction
}
