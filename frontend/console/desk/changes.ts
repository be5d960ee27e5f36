/** Changing a ticket: at once on screen, then on the server, with a way back. */
import { ApiError } from '@shared/api/client'
import type { Named, Priority, QueueRef, Ticket, TicketKind, TicketStatus } from '@shared/api/types'

import { api } from '../app/api'
import { notifyFailure } from '../app/failure'
import { i18n } from '../app/i18n'
import { useLive } from '../app/live'
import { keys, queryClient } from '../app/query'
import { notify } from '../app/toasts'
import { patchCaches } from './data'

export interface TicketChange {
  status?: TicketStatus
  priority?: Priority
  kind?: TicketKind | null
  language?: string
  queue?: QueueRef
  assignee?: Named | null
  tags?: string[]
  subject?: string
  snoozed_until?: string | null
}

function toBody(change: TicketChange): Record<string, unknown> {
  const body: Record<string, unknown> = { ...change }
  if (change.queue) body.queue = change.queue.slug
  if (change.assignee !== undefined) body.assignee = change.assignee?.id ?? null
  return body
}

function before(ticket: Ticket, change: TicketChange): TicketChange {
  const names = Object.keys(change) as (keyof TicketChange)[]
  return Object.fromEntries(names.map((name) => [name, ticket[name]]))
}

/** The newest version we know: a list row may be older than the open ticket. */
function current(ticket: Ticket): Ticket {
  const open = queryClient.getQueryData<Ticket>(keys.ticket(ticket.id))
  return open && open.version >= ticket.version ? open : ticket
}

/**
 * True when the server agreed. `said` is what the notice says; without it there is none.
 */
export async function changeTicket(
  ticket: Ticket,
  change: TicketChange,
  said?: string,
): Promise<boolean> {
  const from = current(ticket)
  const back = before(from, change)
  patchCaches(ticket.id, (known) => ({ ...known, ...change }))
  try {
    const fresh = await api.patch<Ticket>(`tickets/${ticket.id}/`, {
      version: from.version,
      ...toBody(change),
    })
    patchCaches(ticket.id, (known) => ({ ...known, ...fresh }))
    if (said) {
      notify(said, { undo: () => void changeTicket(fresh, back) })
    }
    return true
  } catch (error) {
    const now = error instanceof ApiError ? (error.body.current as Ticket | undefined) : undefined
    const again = now && rebased(now, back, change)
    if (now && again) {
      patchCaches(ticket.id, (known) => ({ ...known, ...now }))
      return await changeTicket(now, again, said)
    }
    refused(ticket.id, back, now, error)
    return false
  } finally {
    useLive().refetchLists()
    void queryClient.invalidateQueries({ queryKey: keys.events(ticket.id) })
  }
}

/**
 * Our wish on the ticket as somebody else has left it, or null when he changed the very same thing. Tags are sets: what
 * each of us added or dropped holds.
 */
export function rebased(now: Ticket, back: TicketChange, wish: TicketChange): TicketChange | null {
  const names = Object.keys(back) as (keyof TicketChange)[]
  const same = names.every(
    (name) => name === 'tags' || JSON.stringify(now[name]) === JSON.stringify(back[name]),
  )
  if (!same) return null
  if (!wish.tags) return wish
  const before = back.tags ?? []
  const stay = now.tags.filter((tag) => !before.includes(tag) || wish.tags?.includes(tag))
  return {
    ...wish,
    tags: [...new Set([...stay, ...wish.tags.filter((tag) => !before.includes(tag))])],
  }
}

function refused(id: number, back: TicketChange, now: Ticket | undefined, error: unknown): void {
  if (now) {
    patchCaches(id, (known) => ({ ...known, ...now }))
    notify(i18n.global.t('ticket.stale'), { tone: 'bad' })
    return
  }
  patchCaches(id, (known) => ({ ...known, ...back }))
  void queryClient.invalidateQueries({ queryKey: keys.ticket(id) })
  notifyFailure(error)
}
