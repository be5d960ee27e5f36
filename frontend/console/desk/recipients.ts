/** Who gets an answer by mail: addresses typed, pasted, taken out. */
import type { MailPerson } from '@shared/api/mail'

const SEPARATORS = /[;,\n]+/
const NAMED = /^\s*"?([^"<]*?)"?\s*<\s*([^<>\s]+)\s*>\s*$/
const ADDRESS = /^[^\s@<>"(),;:\\]+@[^\s@<>"(),;:\\]+\.[^\s@<>"(),;:\\]{2,}$/u

export interface Typed {
  people: MailPerson[]
  /** What is no address, as it was typed. */
  wrong: string[]
}

/** `Léa Martin <lea@x.example>; bob@x.example` as people; what cannot be an address is told apart. */
export function readTyped(text: string): Typed {
  const found: Typed = { people: [], wrong: [] }
  for (const piece of text.split(SEPARATORS)) {
    const one = piece.trim()
    if (!one) continue
    const named = NAMED.exec(one)
    const address = (named ? named[2]! : one).trim()
    if (ADDRESS.test(address)) found.people.push({ name: named?.[1]?.trim() ?? '', address })
    else found.wrong.push(one)
  }
  return found
}

const same = (a: MailPerson, b: MailPerson): boolean =>
  a.address.toLowerCase() === b.address.toLowerCase()

/** Nobody twice, and nobody in copy who is a recipient anyway. */
export function addPeople(
  list: MailPerson[],
  more: MailPerson[],
  already: MailPerson[] = [],
): MailPerson[] {
  const all = [...list]
  for (const person of more) {
    if (![...all, ...already].some((known) => same(known, person))) all.push(person)
  }
  return all
}

/** The same addresses, in whatever order and under whatever names. */
export const samePeople = (some: MailPerson[], others: MailPerson[]): boolean =>
  some.length === others.length && some.every((one) => others.some((other) => same(one, other)))

export const without = (list: MailPerson[], person: MailPerson): MailPerson[] =>
  list.filter((one) => !same(one, person))

export const showPerson = (person: MailPerson): string =>
  person.name ? `${person.name} <${person.address}>` : person.address
