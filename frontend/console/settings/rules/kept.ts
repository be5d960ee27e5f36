/** What was typed into the rule book and is not on the server yet: it outlives a reload and a lost session. */
import type { Rule } from './shapes'

export interface Kept {
  /** The draft it was typed on top of. */
  revision: number
  rules: Rule[]
  at: string
}

const stored = (owner: number): string => `guichet.rules.${owner}`

export function readKept(owner: number): Kept | null {
  try {
    return JSON.parse(localStorage.getItem(stored(owner)) ?? 'null') as Kept | null
  } catch {
    return null
  }
}

export function writeKept(owner: number, kept: Kept | null): void {
  try {
    if (kept) localStorage.setItem(stored(owner), JSON.stringify(kept))
    else localStorage.removeItem(stored(owner))
  } catch {
    // Full storage: the draft on the server is then the only copy.
  }
}

/* Small things typed on the rule screens; they belong to this tab of the browser. */
export function recall<T>(name: string): Partial<T> {
  try {
    return JSON.parse(sessionStorage.getItem(`guichet.rules.${name}`) ?? '{}') as Partial<T>
  } catch {
    return {}
  }
}

export function keep(name: string, value: unknown): void {
  try {
    sessionStorage.setItem(`guichet.rules.${name}`, JSON.stringify(value))
  } catch {
    // It stays on the screen.
  }
}

export function forget(name: string): void {
  sessionStorage.removeItem(`guichet.rules.${name}`)
}
