/** Call-backs as agents see them: who is to be called, when, and what came of it. */
import type { Schemas, Whole } from '@shared/api/whole'
import { uuid } from '@shared/text/uuid'

import { api } from '../app/api'
import { notifyFailure } from '../app/failure'
import { keys, queryClient } from '../app/query'

export type CallbackCard = Whole<Schemas['CallbackCardOut']>
export type CallOutcome = 'reached' | 'no_answer' | 'wrong_number'

export const OUTCOMES: readonly CallOutcome[] = ['reached', 'no_answer', 'wrong_number']

/** Seconds until the promised moment; negative when it has passed. */
export const dueIn = (call: CallbackCard, now: Date): number =>
  Math.round((Date.parse(call.due_at) - now.getTime()) / 1000)

/** False when it was refused, which is said; either way the list is read again. */
async function act(call: CallbackCard, path: string, body?: unknown): Promise<boolean> {
  try {
    await api.post(`callbacks/${call.id}/${path}/`, body)
    return true
  } catch (error) {
    notifyFailure(error)
    return false
  } finally {
    void queryClient.invalidateQueries({ queryKey: keys.callbacks })
  }
}

export const take = (call: CallbackCard): Promise<boolean> => act(call, 'take')
export const release = (call: CallbackCard): Promise<boolean> => act(call, 'release')
export const conclude = (
  call: CallbackCard,
  outcome: CallOutcome,
  note: string,
): Promise<boolean> => act(call, 'outcome', { outcome, note, origin_id: uuid() })
