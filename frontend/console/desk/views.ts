/** The views of the inbox: from the address to the call and back. */
import type { LocationQuery } from 'vue-router'

export const VIEWS = ['mine', 'unassigned', 'waiting', 'snoozed', 'all'] as const
export type View = (typeof VIEWS)[number]

export const SORTS = ['waiting', '-updated', '-created'] as const

const QUEUE = 'queue-'

export const queueView = (slug: string): string => QUEUE + slug

export const queueOf = (view: string): string | null =>
  view.startsWith(QUEUE) ? view.slice(QUEUE.length) : null

export type Filter = Record<string, string | undefined>

const one = (value: LocationQuery[string] | undefined): string | undefined =>
  typeof value === 'string' && value ? value : undefined

/** What `GET tickets/` is asked for this address. */
export function filterOf(view: string, query: LocationQuery): Filter {
  const queue = queueOf(view)
  return {
    view: queue ? undefined : view,
    queue: queue ?? undefined,
    status: one(query.status),
    tag: one(query.tag),
    assignee: one(query.assignee),
    ordering: one(query.sort) ?? 'waiting',
  }
}

export const isFiltered = (query: LocationQuery): boolean =>
  Boolean(one(query.status) ?? one(query.tag) ?? one(query.assignee))
