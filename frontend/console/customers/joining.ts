/** Two records of one person: what the panel and the dialog share. */
import type { Named } from '@shared/api/types'
import type { Schemas } from '@shared/api/whole'

import { api } from '../app/api'
import { notifyFailure } from '../app/failure'
import { i18n, loadWords } from '../app/i18n'
import { useLive } from '../app/live'
import { keys, queryClient } from '../app/query'
import { notify } from '../app/toasts'

export type Likely = Schemas['DuplicateCustomer']
export type Part = Schemas['CustomerMergeState']
export type JoinPreview = Schemas['CustomerMergePreviewShape']

export const keysOf = {
  likely: (id: number) => ['likely', id] as const,
  parts: (id: number) => ['parts', id] as const,
}

/** Both records, what belongs to them, and every list. */
export function readAgain(...customers: number[]): void {
  for (const id of customers) {
    for (const key of [keys.customer(id), keys.timeline(id), keysOf.likely(id), keysOf.parts(id)]) {
      void queryClient.invalidateQueries({ queryKey: key })
    }
  }
  void queryClient.invalidateQueries({ queryKey: ['customers'] })
  void queryClient.invalidateQueries({ queryKey: ['ticket'] })
  useLive().refetchLists()
}

/** True when the server agreed; a refusal says why. */
export async function undoJoin(source: Named, into: number): Promise<boolean> {
  try {
    await api.post(`customers/${source.id}/merge/undo/`, {})
    await loadWords('merge')
    notify(i18n.global.t('joinPeople.undone', { name: source.name || `#${source.id}` }))
    return true
  } catch (error) {
    notifyFailure(error)
    return false
  } finally {
    readAgain(source.id, into)
  }
}
