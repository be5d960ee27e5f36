/** Marks a ticket as unwanted, or takes that back; both teach the filter. */
import type { Ticket } from '@shared/api/types'

import { api } from '../app/api'
import { notifyFailure } from '../app/failure'
import { i18n } from '../app/i18n'
import { useLive } from '../app/live'
import { keys, queryClient } from '../app/query'
import { notify } from '../app/toasts'
import { patchCaches } from './data'

export async function markSpam(ticket: Ticket, spam: boolean): Promise<void> {
  const { t } = i18n.global
  try {
    const fresh = await api.post<Ticket>(`tickets/${ticket.id}/spam/`, { spam })
    patchCaches(ticket.id, (known) => ({ ...known, ...fresh }))
    notify(t(spam ? 'spam.isSaid' : 'spam.notSaid'), { undo: () => void markSpam(fresh, !spam) })
  } catch (error) {
    notifyFailure(error)
  } finally {
    useLive().refetchLists()
    void queryClient.invalidateQueries({ queryKey: keys.events(ticket.id) })
  }
}
