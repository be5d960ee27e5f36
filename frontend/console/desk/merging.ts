/** Merging and splitting of requests: what the dialogs and the notices share. */
import type { Schemas } from '@shared/api/whole'

import { api } from '../app/api'
import { notifyFailure } from '../app/failure'
import { i18n, loadWords } from '../app/i18n'
import { useLive } from '../app/live'
import { keys, queryClient } from '../app/query'
import { notify } from '../app/toasts'

export type MergePreview = Schemas['MergePreview']
export type MergeState = Schemas['MergeState']

/** What happened to these changes what was said, not only what the ticket is. */
export const REWRITES = new Set([
  'ticket.took_in',
  'ticket.gave_back',
  'ticket.merged',
  'ticket.unmerged',
])

/** Both requests, and every list, are read again. */
export function readAgain(...tickets: number[]): void {
  for (const id of tickets) {
    for (const key of [keys.ticket(id), keys.messages(id), keys.events(id), ['merge', id]]) {
      void queryClient.invalidateQueries({ queryKey: key })
    }
  }
  for (const key of ['customer', 'timeline']) {
    void queryClient.invalidateQueries({ queryKey: [key] })
  }
  useLive().refetchLists()
}

/** True when the server agreed; a refusal says why. */
export async function undoMerge(source: number, target: number): Promise<boolean> {
  try {
    await api.post(`tickets/${source}/merge/undo/`, {})
    await loadWords('merge')
    notify(i18n.global.t('merge.undone', { number: source }))
    return true
  } catch (error) {
    notifyFailure(error)
    return false
  } finally {
    readAgain(source, target)
  }
}
