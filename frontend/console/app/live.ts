/** The desk's socket, and what each frame does to the cache. */
import type { InfiniteData } from '@tanstack/vue-query'
import { defineStore } from 'pinia'
import { computed, markRaw, reactive, ref } from 'vue'

import { announce } from '@shared/a11y/announcer'
import type { Page } from '@shared/api/client'
import type {
  Availability,
  ChatSession,
  Message,
  MessageKind,
  Named,
  Ticket,
} from '@shared/api/types'
import { Positions } from '@shared/live/positions'
import { type Frame, LiveSocket, type SocketStatus } from '@shared/live/socket'

import type { CallbackCard } from '../chat/callbacks'
import { sayHands } from '../chat/news'
import { followLinks } from '../desk/links'
import { api } from './api'
import { debounced } from './debounced'
import { i18n } from './i18n'
import { keys, queryClient } from './query'
import { useSession } from './session'
import { notify } from './toasts'

const TYPING_MS = 6000
const TYPING_EVERY_MS = 3000
const REFETCH_MS = 400
const TOUCH_EVERY_MS = 60_000
const CATCH_UP_AGAIN_MS = 5000

interface Typing {
  name: string
  kind: string
  until: number
}

export interface Viewer extends Named {
  writing: boolean
}

/** Somebody changed the rule book: the draft (revision 0: discarded it), or what is in force. */
export interface RulesNews {
  what: 'draft' | 'published'
  revision?: number
  number?: number
  by: Named
}

/** The last word of a customer, wherever it was said. */
export interface Heard {
  ticket: number
  name: string
  text: string
}

export const useLive = defineStore('live', () => {
  const session = useSession()
  const status = ref<SocketStatus>('connecting')
  const recovered = ref(false)
  const typing = reactive(new Map<number, Typing>())
  const viewers = reactive(new Map<number, Viewer[]>())
  const seenByCustomer = reactive(new Map<number, number>())
  const offers = ref<ChatSession[]>([])
  const rulesNews = ref<RulesNews | null>(null)
  const heard = ref<Heard | null>(null)
  const callDue = ref<CallbackCard | null>(null)
  const open = new Map<number, number>()
  // Raw: a reactive proxy could not reach its private state.
  const positions = markRaw(new Positions())
  const typingSent = new Map<number, number>()
  /** Conversations to which something was said while they were still being read. */
  const missed = new Set<number>()
  /** How far the line says they go, of those that are still being read. */
  const tails = new Map<number, number>()

  const socket = new LiveSocket({
    url: () => `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws/desk/`,
    positions: () => positions.all(),
    onFrame: receive,
    onStatus: (next, code) => {
      if (next === 'live' && status.value === 'lost') sayRecovered()
      status.value = next
      if (next === 'live') follow()
      if (code === 4401) session.expired = true
    },
    onResume: resume,
  })

  function sayRecovered(): void {
    recovered.value = true
    window.setTimeout(() => (recovered.value = false), 2500)
  }

  /** A new line knows nothing of what is on screen: each open conversation is named again. */
  function follow(): void {
    for (const ticket of open.keys()) {
      socket.send({ type: 'subscribe', ticket })
      void catchUp(ticket)
    }
  }

  /** Frames may have been missed: what they would have changed is fetched again. */
  function resume(): void {
    for (const ticket of open.keys()) {
      void queryClient.invalidateQueries({ queryKey: keys.ticket(ticket) })
    }
    void queryClient.invalidateQueries({ queryKey: ['rules', 'draft'] })
    refetchLists()
    refetchLine()
    refetchCalls()
    void queryClient.invalidateQueries({ queryKey: keys.calls })
    refetchOffered()
  }

  const refetchLists = debounced(() => {
    void queryClient.invalidateQueries({ queryKey: keys.lists })
    void queryClient.invalidateQueries({ queryKey: keys.counts })
  }, REFETCH_MS)

  const refetchLine = debounced(() => {
    void queryClient.invalidateQueries({ queryKey: keys.line })
    void queryClient.invalidateQueries({ queryKey: keys.counts })
  }, REFETCH_MS)

  const refetchCalls = debounced(() => {
    void queryClient.invalidateQueries({ queryKey: keys.callbacks })
  }, REFETCH_MS)

  /** Who is there decides what visitors are offered, and to whom a chat can go. */
  const refetchOffered = debounced(() => {
    void queryClient.invalidateQueries({ queryKey: keys.offered })
  }, REFETCH_MS)

  function append(ticket: number, messages: Message[]): void {
    queryClient.setQueryData<Message[]>(keys.messages(ticket), (known) => {
      if (!known) return known
      const have = new Set(known.map((message) => message.seq))
      const fresh = messages.filter((message) => !have.has(message.seq))
      return fresh.length ? [...known, ...fresh].sort((a, b) => a.seq - b.seq) : known
    })
  }

  /** Everything since the last message on screen. */
  async function catchUp(ticket: number): Promise<void> {
    const have = positions.last(ticket)
    if (have === undefined) return
    let after: number = have
    try {
      for (;;) {
        const page: Page<Message> = await api.get<Page<Message>>(`tickets/${ticket}/messages/`, {
          after,
        })
        append(ticket, page.results)
        const last = page.results.at(-1)
        if (last) {
          after = last.seq
          positions.reached(ticket, after)
        }
        if (!page.next || !last) return
      }
    } catch {
      window.setTimeout(() => {
        if (open.has(ticket) && status.value === 'live') void catchUp(ticket)
      }, CATCH_UP_AGAIN_MS)
    }
  }

  /** The ticket itself says that there is more than what is on screen. */
  function expect(ticket: number, lastSeq: number): void {
    const have = positions.last(ticket)
    if (have === undefined) tails.set(ticket, lastSeq)
    else if (lastSeq > have) void catchUp(ticket)
  }

  function receive(frame: Frame): void {
    const ticket = Number(frame.ticket)
    switch (frame.type) {
      case 'message.new':
        return receiveMessage(ticket, frame)
      case 'subscribed':
        return expect(ticket, Number(frame.seq))
      case 'gap':
        if (ticket) void catchUp(ticket)
        else {
          follow()
          resume()
        }
        return
      case 'message.changed':
        return void messageChanged(ticket, Number(frame.seq))
      case 'ticket.changed':
        return ticketChanged(ticket, frame)
      case 'typing':
        return receiveTyping(ticket, frame)
      case 'seen':
        if (frame.by === 'customer') seenByCustomer.set(ticket, Number(frame.seq))
        return
      case 'presence':
        return receivePresence(ticket, frame)
      case 'rules.changed':
        rulesNews.value = frame as unknown as RulesNews
        return
      case 'chat.offer':
        return receiveOffer(frame.session as ChatSession)
      case 'chat.handover':
      case 'chat.handover_ended':
      case 'chat.handed':
      case 'chat.watched':
      case 'chat.help':
      case 'chat.visitor':
      case 'chat.page':
        sayHands(frame)
        return refetchLine()
      case 'callback.due':
        callDue.value = frame.callback as CallbackCard
        return refetchCalls()
      case 'callback.changed':
        return refetchCalls()
      case 'call.changed':
        return void queryClient.invalidateQueries({ queryKey: keys.calls })
      case 'chat.waiting':
      case 'chat.accepted':
      case 'chat.ended':
        offers.value = offers.value.filter((offer) => offer.id !== frame.session)
        refetchLine()
        refetchLists()
        refetchOffered()
        if (ticket) void queryClient.invalidateQueries({ queryKey: keys.ticket(ticket) })
        return
    }
  }

  function receiveMessage(ticket: number, frame: Frame): void {
    const message = toMessage(frame)
    // Frames carry no links to files and no HTML: such messages are fetched whole.
    const partial = message.attachments.length > 0 || message.channel === 'email'
    const verdict = partial
      ? positions.peek(ticket, message.seq, Number(frame.prev))
      : positions.judge(ticket, message.seq, Number(frame.prev))
    if (verdict === 'next' && !partial) append(ticket, [message])
    if (verdict === 'gap' || (verdict === 'next' && partial)) void catchUp(ticket)
    if (verdict === 'untracked' && open.has(ticket)) missed.add(ticket)
    typing.delete(ticket)
    touchRow(ticket, message)
    refetchLists()
    refetchLine()
    const { kind, name } = message.author
    if (verdict !== 'known' && kind === 'customer') {
      heard.value = { ticket, name, text: message.body }
    }
    if (verdict !== 'known' && open.has(ticket) && message.author.kind === 'customer') {
      announce(i18n.global.t('thread.says', { name: message.author.name, text: message.body }))
    }
  }

  /** Delivered, failed, taken back: what is on screen is read again. */
  async function messageChanged(ticket: number, seq: number): Promise<void> {
    const key = keys.messages(ticket)
    if (!queryClient.getQueryData<Message[]>(key)?.some((message) => message.seq === seq)) return
    try {
      const fresh = await api.get<Message>(`tickets/${ticket}/messages/${seq}/`)
      queryClient.setQueryData<Message[]>(key, (known) =>
        known?.map((message) => (message.seq === seq ? fresh : message)),
      )
    } catch {
      void queryClient.invalidateQueries({ queryKey: key })
    }
  }

  /** The row shows the new line at once; the list itself is fetched a moment later. */
  function touchRow(ticket: number, message: Message): void {
    if (message.kind === 'note') return
    queryClient.setQueriesData<InfiniteData<Page<Ticket>>>({ queryKey: keys.lists }, (data) => {
      if (!data?.pages) return data
      const pages = data.pages.map((page) => ({
        ...page,
        results: page.results.map((row) =>
          row.id === ticket ? { ...row, preview: message.body.slice(0, 160) } : row,
        ),
      }))
      return { ...data, pages }
    })
  }

  function ticketChanged(ticket: number, frame: Frame): void {
    const known = queryClient.getQueryData<Ticket>(keys.ticket(ticket))
    if (known && Number(frame.version) !== known.version) {
      void queryClient.invalidateQueries({ queryKey: keys.ticket(ticket) })
      void queryClient.invalidateQueries({ queryKey: keys.events(ticket) })
    }
    followLinks(ticket)
    refetchLists()
  }

  function receiveTyping(ticket: number, frame: Frame): void {
    const author = (frame.author ?? {}) as { kind?: string; name?: string }
    if (author.kind === 'agent' && author.name === session.name) return
    typing.set(ticket, {
      name: author.name ?? '',
      kind: author.kind ?? 'customer',
      until: Date.now() + TYPING_MS,
    })
    window.setTimeout(() => {
      const entry = typing.get(ticket)
      if (entry && entry.until <= Date.now()) typing.delete(ticket)
    }, TYPING_MS + 50)
  }

  function receivePresence(ticket: number, frame: Frame): void {
    if (Array.isArray(frame.viewers)) {
      const others = (frame.viewers as Viewer[]).filter((viewer) => viewer.id !== session.me?.id)
      viewers.set(ticket, others)
      return
    }
    refetchOffered()
    if (frame.user === session.me?.id && typeof frame.status === 'string') {
      session.availabilityIs(frame.status as Availability)
      if (frame.reason === 'missed') notify(i18n.global.t('chats.missed'), { tone: 'bad' })
    }
  }

  function receiveOffer(offer: ChatSession | undefined): void {
    if (!offer) return
    offers.value = [...offers.value.filter((known) => known.id !== offer.id), offer]
    announce(i18n.global.t('chats.offered', { name: offer.customer.name }), 'assertive')
    refetchLine()
  }

  /** Follow a conversation while it is on screen; several screens may hold the same one. */
  function watchTicket(ticket: number): () => void {
    open.set(ticket, (open.get(ticket) ?? 0) + 1)
    socket.send({ type: 'subscribe', ticket })
    return () => {
      const left = (open.get(ticket) ?? 1) - 1
      if (left > 0) {
        open.set(ticket, left)
        return
      }
      open.delete(ticket)
      positions.forget(ticket)
      viewers.delete(ticket)
      missed.delete(ticket)
      tails.delete(ticket)
      socket.send({ type: 'unsubscribe', ticket })
    }
  }

  /** The conversation was read from the server up to here. */
  function loaded(ticket: number, seq: number): void {
    if (!open.has(ticket)) return
    positions.reached(ticket, seq)
    const tail = tails.get(ticket) ?? 0
    tails.delete(ticket)
    if (missed.delete(ticket) || tail > seq) void catchUp(ticket)
  }

  /** At most one typing frame per ticket and three seconds; of a note only colleagues hear. */
  function tellTyping(ticket: number, kind: MessageKind): void {
    const now = Date.now()
    if (now - (typingSent.get(ticket) ?? 0) < TYPING_EVERY_MS) return
    if (socket.send({ type: 'typing', ticket, kind })) typingSent.set(ticket, now)
  }

  function dropOffer(id: ChatSession['id']): void {
    offers.value = offers.value.filter((offer) => offer.id !== id)
  }

  /** Somebody sits here: said at most once a minute, whatever is touched. */
  let touched = 0
  function touch(): void {
    if (Date.now() - touched < TOUCH_EVERY_MS) return
    if (socket.send({ type: 'active' })) touched = Date.now()
  }
  for (const kind of ['keydown', 'pointerdown', 'pointermove', 'wheel']) {
    window.addEventListener(kind, touch, { passive: true })
  }

  return {
    status: computed(() => status.value),
    recovered,
    typing,
    viewers,
    seenByCustomer,
    offers,
    rulesNews,
    heard,
    callDue,
    positions,
    start: () => socket.start(),
    stop: () => socket.stop(),
    append,
    catchUp,
    watchTicket,
    loaded,
    expect,
    tellTyping,
    dropOffer,
    refetchLists,
    refetchLine,
  }
})

function toMessage(frame: Frame): Message {
  return {
    seq: Number(frame.seq),
    kind: frame.kind === 'note' ? 'note' : 'public',
    author: (frame.author ?? { kind: 'system', name: '' }) as Message['author'],
    channel: String(frame.channel ?? 'chat'),
    body: String(frame.body ?? ''),
    html: String(frame.html ?? ''),
    attachments: (frame.attachments ?? []) as Message['attachments'],
    created_at: String(frame.created_at),
    origin_id: (frame.origin_id ?? null) as string | null,
  }
}
