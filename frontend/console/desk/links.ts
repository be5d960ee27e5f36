/** Requests that have to do with each other: what the panel, the notice and the dialog share. */
import type { Schemas, Whole } from '@shared/api/whole'

import { api } from '../app/api'
import { notifyFailure } from '../app/failure'
import { i18n } from '../app/i18n'
import { keys, queryClient } from '../app/query'
import { notify } from '../app/toasts'
import { isFinished } from './words'

export type TicketLink = Omit<Schemas['TicketLinkOut'], 'ticket'> & {
  ticket: Whole<Schemas['LinkedTicket']>
}
export type Relation = TicketLink['relation']

/** What the other request is to this one, in the order of the panel. */
export const RELATIONS: readonly Relation[] = ['parent', 'child', 'blocked_by', 'blocks', 'related']

export interface Group {
  relation: Relation
  links: TicketLink[]
  done: number
}

export function grouped(links: readonly TicketLink[]): Group[] {
  return RELATIONS.map((relation) => {
    const found = links.filter((link) => link.relation === relation)
    const done = found.filter((link) => isFinished(link.ticket.status)).length
    return { relation, links: found, done }
  }).filter((group) => group.links.length)
}

/** The requests for which this one waits and that are not finished, as they are named. */
export function heldUpBy(links: readonly TicketLink[] | undefined): string[] {
  return (links ?? [])
    .filter((link) => link.relation === 'blocked_by' && !isFinished(link.ticket.status))
    .map((link) => link.ticket.number)
}

export const readLinks = (id: number, signal?: AbortSignal): Promise<TicketLink[]> =>
  api.get<TicketLink[]>(`tickets/${id}/links/`, undefined, signal)

function readAgain(...tickets: number[]): void {
  for (const id of tickets) {
    void queryClient.invalidateQueries({ queryKey: keys.links(id) })
    void queryClient.invalidateQueries({ queryKey: keys.events(id) })
  }
}

/** Some ticket has changed: who shows a link to it reads again. */
export function followLinks(ticket: number): void {
  void queryClient.invalidateQueries({
    queryKey: ['links'],
    predicate: ({ queryKey, state }) =>
      queryKey[1] === ticket ||
      Boolean((state.data as TicketLink[] | undefined)?.some((one) => one.ticket.id === ticket)),
  })
}

/** Raises what the server refused. */
export async function addLink(id: number, to: number, relation: Relation): Promise<void> {
  try {
    const link = await api.post<TicketLink>(`tickets/${id}/links/`, { to, relation })
    notify(i18n.global.t('links.added', { number: link.ticket.number }), {
      undo: () => void dropLink(id, link, false),
    })
  } finally {
    readAgain(id, to)
  }
}

export async function dropLink(id: number, link: TicketLink, undoable = true): Promise<void> {
  const to = link.ticket.id
  try {
    await api.delete(`tickets/${id}/links/${link.id}/`)
    const undo = () => void addLink(id, to, link.relation).catch(notifyFailure)
    notify(i18n.global.t('links.dropped', { number: link.ticket.number }), undoable ? { undo } : {})
  } catch (error) {
    notifyFailure(error)
  } finally {
    readAgain(id, to)
  }
}
