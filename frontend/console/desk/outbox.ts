/** Messages on their way: each has a UUID of ours, so that sending twice stores once. */
import { defineStore } from 'pinia'
import { computed, ref, watch } from 'vue'

import { announce } from '@shared/a11y/announcer'
import { ApiError } from '@shared/api/client'
import { uuid } from '@shared/text/uuid'
import type { MailPerson } from '@shared/api/mail'
import type { Attachment, Message, MessageKind, Ticket, TicketStatus } from '@shared/api/types'

import { api } from '../app/api'
import { explain } from '../app/failure'
import { i18n } from '../app/i18n'
import { useLive } from '../app/live'
import { keys, queryClient } from '../app/query'
import { useSession } from '../app/session'
import { notify } from '../app/toasts'
import { changeTicket, type TicketChange } from './changes'
import { putMessage } from './data'
import { secondsLeft } from './deliveries'
import { heardTime, serverNow, unsend } from './unsend'

export interface Outgoing {
  origin_id: string
  /** The agent who wrote it: on a shared computer nobody sends another's words. */
  owner: number
  ticket: number
  kind: MessageKind
  body: string
  attachments: Attachment[]
  /** The ticket's new status, when sending also decides it. */
  status: TicketStatus | null
  /** What else a macro changes, once the message is stored. */
  changes: TicketChange | null
  /** The macro it was made from: suggestions are learned from such answers. */
  macro?: number | null
  /** Who is in copy from now on; null: as it was. */
  cc?: MailPerson[] | null
  /** Null in a live chat, where both sides write at once. */
  last_seen_seq: number | null
  force: boolean
  created_at: string
  state: 'sending' | 'failed'
  /** Never reached the server: goes again by itself when the line is back. */
  unreached: boolean
  error: string
}

/** Somebody wrote in between: nothing was sent, the text waits for a decision. */
export interface Stopped {
  item: Outgoing
  since: number
}

const RETRY_MS = 10_000
const STORED = 'guichet.outbox'

function stored(): Outgoing[] {
  try {
    const items = JSON.parse(localStorage.getItem(STORED) ?? '[]') as Outgoing[]
    return items.map((item) => ({ ...item, state: 'failed', unreached: true }))
  } catch {
    return []
  }
}

export const useOutbox = defineStore('outbox', () => {
  const live = useLive()
  const session = useSession()
  const items = ref<Outgoing[]>(stored())
  const stopped = ref<Record<number, Stopped>>({})
  const working = new Set<number>()

  watch(
    items,
    (list) => {
      try {
        localStorage.setItem(STORED, JSON.stringify(list))
      } catch {
        // Full storage: the bubbles still hold the text.
      }
    },
    { deep: true },
  )
  watch(
    () => live.status,
    (status) => {
      if (status === 'live') retryUnreached()
    },
  )

  window.addEventListener('online', retryUnreached)
  window.setInterval(() => {
    if (live.status === 'live') retryUnreached()
  }, RETRY_MS)

  const of = (ticket: number) =>
    computed(() => items.value.filter((item) => item.ticket === ticket && mine(item)))

  const mine = (item: Outgoing): boolean => item.owner === session.me?.id

  function send(
    wish: Pick<Outgoing, 'ticket' | 'kind' | 'body' | 'attachments' | 'last_seen_seq'> &
      Partial<Pick<Outgoing, 'status' | 'changes' | 'macro' | 'cc' | 'force'>>,
  ): void {
    items.value.push({
      status: null,
      changes: null,
      force: false,
      origin_id: uuid(),
      ...wish,
      owner: session.me?.id ?? 0,
      created_at: new Date().toISOString(),
      state: 'sending',
      unreached: false,
      error: '',
    })
    void work(wish.ticket)
  }

  /** One at a time per ticket, so that the order typed is the order stored. */
  async function work(ticket: number): Promise<void> {
    if (working.has(ticket)) return
    working.add(ticket)
    try {
      for (;;) {
        const next = items.value.find(
          (item) => item.ticket === ticket && (item.state === 'sending' || item.unreached),
        )
        // A line that could not go holds those behind it: order is kept.
        if (next?.state !== 'sending') return
        await post(next)
      }
    } finally {
      working.delete(ticket)
    }
  }

  async function post(item: Outgoing): Promise<void> {
    try {
      const message = await api.post<Message>(`tickets/${item.ticket}/messages/`, {
        kind: item.kind,
        body: item.body,
        origin_id: item.origin_id,
        ...(item.last_seen_seq === null
          ? {}
          : { last_seen_seq: Math.max(item.last_seen_seq, ownLast.get(item.ticket) ?? 0) }),
        attachments: item.attachments.map((attachment) => attachment.id),
        ...(item.status ? { status: item.status } : {}),
        ...(item.macro ? { macro: item.macro } : {}),
        ...(item.cc ? { cc: item.cc.map((person) => person.address) } : {}),
        ...(item.force ? { force: true } : {}),
      })
      sent(item, message)
    } catch (error) {
      refused(item, error)
    }
  }

  /** Our own messages are never unseen, even when two are sent in a row. */
  const ownLast = new Map<number, number>()

  function sent(item: Outgoing, message: Message): void {
    const last = live.positions.last(item.ticket)
    ownLast.set(item.ticket, message.seq)
    remove(item.origin_id)
    if (last === undefined || message.seq === last + 1) {
      live.append(item.ticket, [message])
      live.positions.reached(item.ticket, message.seq)
    } else {
      live.append(item.ticket, [message])
      void live.catchUp(item.ticket)
    }
    // The frame may have been faster; it knows nothing of deliveries.
    putMessage(item.ticket, message)
    if (item.changes) void applyChanges(item.ticket, item.changes)
    else void queryClient.invalidateQueries({ queryKey: keys.ticket(item.ticket) })
    if (item.cc) void queryClient.invalidateQueries({ queryKey: keys.recipients(item.ticket) })
    live.refetchLists()
    sayLeaving(item.ticket, message)
  }

  /** A mail is held for some seconds: long enough to see one's own mistake. */
  function sayLeaving(ticket: number, message: Message): void {
    const { t } = i18n.global
    if (!message.can_unsend || !message.leaves_at) return announce(t('composer.sent'))
    heardTime(message.created_at)
    const left = secondsLeft(message, serverNow())
    notify(t('mail.leavesIn', { count: left }, left), {
      undo: () => void unsend(ticket, message),
    })
  }

  /** Macros add tags, they never take any away. */
  async function applyChanges(id: number, changes: TicketChange): Promise<void> {
    const ticket = await queryClient.fetchQuery({
      queryKey: keys.ticket(id),
      queryFn: () => api.get<Ticket>(`tickets/${id}/`),
      staleTime: 0,
    })
    const tags = changes.tags ? { tags: [...new Set([...ticket.tags, ...changes.tags])] } : {}
    await changeTicket(ticket, { ...changes, ...tags })
  }

  function refused(item: Outgoing, error: unknown): void {
    if (error instanceof ApiError && error.code === 'unseen_messages') {
      remove(item.origin_id)
      stopped.value = { ...stopped.value, [item.ticket]: { item, since: item.last_seen_seq ?? 0 } }
      void live.catchUp(item.ticket)
      announce(i18n.global.t('composer.stopped'), 'assertive')
      return
    }
    const found = items.value.find((one) => one.origin_id === item.origin_id)
    if (!found) return
    found.state = 'failed'
    found.unreached =
      error instanceof ApiError &&
      (error.status === 0 || error.status >= 500 || error.status === 401)
    found.error = explain(error)
    announce(i18n.global.t('composer.notSent'), 'assertive')
  }

  function retry(originId: string): void {
    const item = items.value.find((one) => one.origin_id === originId)
    if (!item) return
    item.state = 'sending'
    item.error = ''
    void work(item.ticket)
  }

  function retryUnreached(): void {
    for (const item of items.value) {
      if (item.state === 'failed' && item.unreached && mine(item)) retry(item.origin_id)
    }
  }

  function remove(originId: string): Outgoing | undefined {
    const item = items.value.find((one) => one.origin_id === originId)
    items.value = items.value.filter((one) => one.origin_id !== originId)
    // It may have held others back.
    if (item?.state === 'failed') void work(item.ticket)
    return item
  }

  function decide(ticket: number): Stopped | undefined {
    const stop = stopped.value[ticket]
    const rest = { ...stopped.value }
    delete rest[ticket]
    stopped.value = rest
    return stop
  }

  return { items, stopped, of, send, retry, retryUnreached, remove, decide }
})
