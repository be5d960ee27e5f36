/** Which value a condition of this kind takes, and what becomes of one when its operator changes. */
import type { CatalogueField, Condition } from './shapes'

const WITHOUT: readonly string[] = ['is_set', 'is_not_set']
const LISTS: readonly string[] = [
  'words',
  'all_words',
  'no_words',
  'regex',
  'in',
  'not_in',
  'like',
  'any',
  'all',
  'none',
]

export type Shape =
  | 'nothing'
  | 'terms'
  | 'regex'
  | 'list'
  | 'choices'
  | 'choice'
  | 'number'
  | 'span'
  | 'hours'
  | 'line'

export const SPANS: readonly string[] = ['since_created', 'since_message', 'waiting']

export function shapeOf(field: CatalogueField, op: string): Shape {
  if (WITHOUT.includes(op)) return 'nothing'
  if (field.type === 'hours') return 'hours'
  if (field.type === 'text') return op === 'regex' ? 'regex' : 'terms'
  const many = LISTS.includes(op)
  if (field.choices?.length && op !== 'like') return many ? 'choices' : 'choice'
  if (field.type === 'number' && !many) return SPANS.includes(field.name) ? 'span' : 'number'
  return many ? 'list' : 'line'
}

const asNumber = (field: CatalogueField, value: unknown): unknown =>
  field.type === 'number' && value !== '' && !Number.isNaN(Number(value)) ? Number(value) : value

/** The value in the form this operator wants, keeping what was typed as far as it fits. */
export function fitted(field: CatalogueField, op: string, value: unknown): unknown {
  const shape = shapeOf(field, op)
  const list = (Array.isArray(value) ? value : [value]).filter(
    (one) => one !== '' && one !== null && one !== undefined,
  )
  const allowed = field.choices?.map((choice) => String(choice.value))
  const kept = allowed ? list.filter((one) => allowed.includes(String(one))) : list
  switch (shape) {
    case 'nothing':
      return []
    case 'hours':
      return list[0] === 'outside' ? 'outside' : 'inside'
    case 'terms':
    case 'regex':
      return list.map(String)
    case 'list':
    case 'choices':
      return kept.map((one) => asNumber(field, one))
    case 'number':
      return Number(list[0]) || 0
    case 'span':
      return Number(list[0]) || 60
    case 'choice':
      return asNumber(field, kept[0] ?? field.choices?.[0]?.value ?? '')
    case 'line':
      return String(list[0] ?? '')
  }
}

/** A condition on another field starts anew, except for what it is asked of. */
export function onField(field: CatalogueField, before?: Condition): Condition {
  const op = field.ops.some((one) => one.name === before?.op) ? before!.op : field.ops[0]!.name
  const fresh: Condition = { field: field.name, op, value: fitted(field, op, []) }
  return before?.of && field.current ? { ...fresh, of: before.of } : fresh
}

export function onOp(field: CatalogueField, before: Condition, op: string): Condition {
  return { ...before, op, value: fitted(field, op, before.value) }
}

/** Minutes as a number of the largest unit that says them whole. */
export function inUnits(minutes: number): { amount: number; unit: number } {
  const unit = [1440, 60].find((size) => minutes >= size && minutes % size === 0) ?? 1
  return { amount: minutes / unit, unit }
}
