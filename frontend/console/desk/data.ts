/** Reading tickets and conversations, and keeping every cached copy of a ticket the same. */
import type { InfiniteData } from '@tanstack/vue-query'

import type { Page } from '@shared/api/client'
import type { Message, Ticket } from '@shared/api/types'

import { api } from '../app/api'
import { keys, queryClient } from '../app/query'

export type TicketPages = InfiniteData<Page<Ticket>, string>

/** The address of a further page on our own origin, however the server calls itself. */
export function ownAddress(url: string): string {
  const parsed = new URL(url, location.origin)
  return parsed.pathname + parsed.search
}

export function inOrder(known: Message[], fresh: Message[]): Message[] {
  const all = new Map(known.map((message) => [message.seq, message]))
  for (const message of fresh) all.set(message.seq, message)
  return [...all.values()].sort((a, b) => a.seq - b.seq)
}

/** The whole conversation. What was pushed while it was being read is kept. */
export async function readMessages(ticket: number, signal?: AbortSignal): Promise<Message[]> {
  const found: Message[] = []
  let page = await api.get<Page<Message>>(`tickets/${ticket}/messages/`, { after: 0 }, signal)
  found.push(...page.results)
  while (page.next) {
    page = await api.get<Page<Message>>(ownAddress(page.next), undefined, signal)
    found.push(...page.results)
  }
  return inOrder(queryClient.getQueryData<Message[]>(keys.messages(ticket)) ?? [], found)
}

/** Changes one ticket wherever it is cached: alone and in every list. */
export function patchCaches(id: number, change: (ticket: Ticket) => Ticket): void {
  queryClient.setQueryData<Ticket>(keys.ticket(id), (known) => known && change(known))
  queryClient.setQueriesData<TicketPages>({ queryKey: keys.lists }, (data) => {
    if (!data?.pages) return data
    const pages = data.pages.map((page) => ({
      ...page,
      results: page.results.map((row) => (row.id === id ? change(row) : row)),
    }))
    return { ...data, pages }
  })
}

/** A row that some list already holds, to show the header before the ticket arrives. */
export function cachedRow(id: number): Ticket | undefined {
  for (const [, data] of queryClient.getQueriesData<TicketPages>({ queryKey: keys.lists })) {
    for (const page of data?.pages ?? []) {
      const row = page.results.find((ticket) => ticket.id === id)
      if (row) return row
    }
  }
  return undefined
}

/** A message that is known to have changed takes the place of the one on screen. */
export function putMessage(ticket: number, message: Message): void {
  queryClient.setQueryData<Message[]>(keys.messages(ticket), (known) =>
    known?.map((one) => (one.seq === message.seq ? message : one)),
  )
}

export async function refetchMessage(ticket: number, seq: number): Promise<void> {
  putMessage(ticket, await api.get<Message>(`tickets/${ticket}/messages/${seq}/`))
}
