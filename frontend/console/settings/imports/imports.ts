/** Imports and exports by their names here, and what follows from an import's state. */
import type { Schemas, Whole } from '@shared/api/whole'

export type Import = Whole<Schemas['Import']>
export type ImportRow = Whole<Schemas['ImportRow']>
export type Export = Whole<Schemas['Export']>
export type ImportKind = Schemas['ImportKind']
export type Step = 'columns' | 'check' | 'result'

export const KINDS: ImportKind[] = [
  'customers',
  'organizations',
  'tickets',
  'interactions',
  'helpdesk',
]
export const EXPORTED: Schemas['ExportKind'][] = ['customers', 'organizations', 'tickets']
export const STEPS: Step[] = ['columns', 'check', 'result']
export const IMPORTS = ['imports'] as const
export const importKey = (id: number): readonly [string, number] => ['import', id]
export const POLL_MS = 1000

const BUSY = ['checking', 'running', 'undoing'] as const
export type Busy = (typeof BUSY)[number]

/** Whether a job works on it, so that it will soon be another one. */
export function busy(one: Pick<Import, 'state'> | undefined): Busy | null {
  return BUSY.find((state) => state === one?.state) ?? null
}

/** Where the reader is. */
export function stepOf(one: Pick<Import, 'state' | 'began_at'>): Step {
  if (one.began_at) return 'result'
  return one.state === 'new' ? 'columns' : 'check'
}

export const TONES = {
  new: '',
  checking: 'chip-info',
  checked: 'chip-info',
  running: 'chip-info',
  done: 'chip-ok',
  undoing: 'chip-info',
  undone: '',
  failed: 'chip-bad',
} as const satisfies Record<Import['state'], string>

export const SIGNS = { ',': 'comma', ';': 'semicolon', '\t': 'tab', '|': 'pipe' } as const

/** How much of the work is done, of one; null as long as nobody knows how much there is. */
export function share(one: Pick<Import, 'done' | 'total'>): number | null {
  return one.total ? Math.min(1, one.done / one.total) : null
}

/** What an export of another help desk holds, as the server counts it: `ticket:12 message:40`. */
export function counted(sample: string): { name: string; count: number }[] {
  return sample
    .split(' ')
    .filter(Boolean)
    .map((part) => ({ name: part.split(':')[0] ?? '', count: Number(part.split(':')[1]) }))
}

export type Outcome = 'made' | 'changed' | 'same' | 'refused' | 'kept'

/** What is worth a word, in this order; what was kept only when something was taken back. */
export function outcomes(one: Import): { name: Outcome; count: number }[] {
  const names: Outcome[] =
    one.state === 'undone' ? ['kept'] : ['made', 'changed', 'same', 'refused']
  return names.map((name) => ({ name, count: one[name] })).filter(({ count }) => count > 0)
}
