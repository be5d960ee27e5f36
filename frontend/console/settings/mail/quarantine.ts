/** Choosing held mails and what became of them. */
import type { BulkResult, HeldMail, QuarantineAction, QuarantineVerb } from '@shared/api/mail'

export type Action = QuarantineAction

export const MOST_AT_ONCE = 100

const VERB: Record<Action, QuarantineVerb> = {
  release: 'release',
  release_and_trust: 'trust',
  delete: 'delete',
  restore: 'restore',
  reparse: 'reparse',
  take_back: 'take_back',
}

export const allows = (mail: HeldMail, action: Action): boolean => mail.can.includes(VERB[action])

/** What can be done with at least one of them; the others are left as they are. */
export function actionsFor(mails: HeldMail[]): Action[] {
  const all: Action[] = [
    'release',
    'release_and_trust',
    'reparse',
    'delete',
    'restore',
    'take_back',
  ]
  return all.filter((action) => mails.some((mail) => allows(mail, action)))
}

const WAY_BACK: Partial<Record<Action, Action>> = {
  delete: 'restore',
  release: 'take_back',
  release_and_trust: 'take_back',
}

/** What undoes it; null where nothing has to be undone. */
export const wayBack = (action: Action): Action | null => WAY_BACK[action] ?? null

/** What undoes what became of a mail. */
export function wayBackFrom(outcome: string): Action | null {
  if (outcome === 'deleted') return 'restore'
  return outcome === 'ticket' || outcome === 'message' ? 'take_back' : null
}

export function toggled(chosen: ReadonlySet<number>, id: number): Set<number> {
  const next = new Set(chosen)
  if (!next.delete(id)) next.add(id)
  return next
}

/** From the row chosen last to this one, in the order of the list: added, never taken away. */
export function extended(
  chosen: ReadonlySet<number>,
  order: number[],
  from: number | null,
  to: number,
): Set<number> {
  const a = from === null ? -1 : order.indexOf(from)
  const b = order.indexOf(to)
  if (a < 0 || b < 0) return new Set([...chosen, to])
  return new Set([...chosen, ...order.slice(Math.min(a, b), Math.max(a, b) + 1)])
}

export interface Summary {
  done: number[]
  failed: BulkResult[]
}

export function summarise(results: BulkResult[]): Summary {
  return {
    done: results.filter((one) => one.ok).map((one) => one.id),
    failed: results.filter((one) => !one.ok),
  }
}
