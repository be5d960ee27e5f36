/** The visitor's conversation: begins with the first line, survives gaps, reloads and other tabs. */
import { reactive, shallowReactive } from 'vue'

import { ApiClient, ApiError, type Page } from '../../shared/api/client'
import type { Attachment } from '../../shared/api/types'
import { Positions } from '../../shared/live/positions'
import { type Frame, LiveSocket, type SocketStatus } from '../../shared/live/socket'
import type { Keep } from './keep'
import { type Line, Outbox, uuid } from './outbox'

export interface Message {
  seq: number
  author: { kind: 'agent' | 'customer' | 'system'; name: string }
  body: string
  created_at: string
  origin_id: string | null
  attachments?: Attachment[]
}

export interface Queue {
  position: number
  wait_s: number | null
}

interface Session {
  session: string
  resume: string
  ticket: number | null
  number?: string | null
  last_seq: number
  available: boolean
  queue: Queue | null
  state?: string
  agent?: { id: number; name: string } | null
}

/** What the server may be told when a session begins. */
export interface Introduction {
  site: string
  language: string
  page?: string
  name?: string
  email?: string
}

export interface Told {
  /** A message came in while the visitor was here: said aloud once. */
  incoming(message: Message): void
  joined(name: string): void
  outcome(sent: boolean): void
  /** The handle to find this conversation again; empty when it must be forgotten. */
  handle(handle: string): void
  event(name: string, detail: unknown): void
}

const ACK_MS = 5000
const TYPING_SENT_MS = 3000
const TYPING_SHOWN_MS = 6000

export class Conversation {
  readonly state = reactive({
    /** The ticket, once the first line made it. */
    ticket: null as number | null,
    number: '',
    agent: '',
    queue: null as Queue | null,
    live: false,
    ended: false,
    /** The visitor's own lines up to here were seen by an agent. */
    seen: 0,
    /** Read here up to this message. */
    read: 0,
    typing: '',
    connection: 'live' as SocketStatus,
    loading: false,
    failed: false,
    blocked: false,
    /** The website has vouched for this visitor, and we have accepted it. */
    identified: false,
    rated: '' as '' | 'sent' | 'skipped',
  })
  readonly messages: Message[] = shallowReactive([])
  readonly outbox: Outbox
  introduce: () => Introduction = () => ({ site: '', language: 'en' })

  readonly #keep: Keep
  readonly #told: Told
  readonly #api: ApiClient
  readonly #positions = new Positions()
  readonly #acks = new Map<string, (ok: boolean) => void>()
  #socket: LiveSocket | null = null
  #session = ''
  #resume = ''
  /** The handle that the host page keeps. */
  #handed = ''
  /** Key of a written request under way: pressing the button again repeats it, no more. */
  #request: { origin_id: string; body: string } | null = null
  #identity = ''
  #opening: Promise<void> | null = null
  #catching: Promise<void> | null = null
  #typedAt = 0
  #typingTimer: number | undefined

  constructor(keep: Keep, told: Told) {
    this.#keep = keep
    this.#told = told
    this.#api = new ApiClient({
      credentials: 'omit',
      headers: (): Record<string, string> =>
        this.#session ? { Authorization: `Session ${this.#session}` } : {},
    })
    this.outbox = new Outbox(
      keep,
      (line) => this.#deliver(line),
      () => told.outcome(false),
    )
    this.state.rated = keep.get('rated') as 'sent' | ''
    this.state.read = Number(keep.get('read')) || 0
    // Lines that a closed page left behind go first.
    if (this.outbox.lines.length) queueMicrotask(() => void this.outbox.flush())
  }

  /** Whether the visitor was asked where to reach him: asked once for a conversation. */
  get asked(): string {
    return this.#keep.get('asked')
  }

  set asked(outcome: string) {
    this.#keep.set('asked', outcome)
  }

  get exists(): boolean {
    return this.messages.length > 0 || this.outbox.lines.length > 0
  }

  get unread(): number {
    return this.messages.filter(
      ({ seq, author }) => seq > this.state.read && author.kind !== 'customer',
    ).length
  }

  /** What the host page knows of this visitor. A handle brings the earlier conversation back. */
  async recognise(handle: string, identity: string): Promise<void> {
    const known = this.#session !== ''
    if (identity && identity !== this.#identity) {
      // Another person on the same computer must not see the former one's words.
      if (this.#identity && subject(identity) !== subject(this.#identity)) this.forget(false)
      this.#identity = identity
      if (known) this.#session = ''
    } else if (known || !handle) return
    this.#resume = handle
    await this.open().catch(() => undefined)
  }

  /** Begins or resumes the session; one at a time. */
  open(): Promise<void> {
    this.#opening ??= this.#open().finally(() => (this.#opening = null))
    return this.#opening
  }

  send(body: string): void {
    this.#typedAt = 0
    this.outbox.add(body.trim())
  }

  /** A written request: one line with an address to answer to; fails instead of waiting. */
  async request(body: string, name: string, email: string): Promise<void> {
    const text = body.trim()
    if (this.#request?.body !== text) this.#request = { origin_id: uuid(), body: text }
    await this.#sendPlain(this.#request)
    this.#request = null
    if (email) await this.identify(name, email)
    // It was written, not chatted: nobody is to be called into a chat whose visitor has gone.
    await this.end().catch(() => undefined)
  }

  typing(): void {
    const now = Date.now()
    if (!this.state.ticket || now - this.#typedAt < TYPING_SENT_MS) return
    if (this.#socket?.send({ type: 'typing', ticket: this.state.ticket })) this.#typedAt = now
  }

  /** The visitor has the last message before his eyes. */
  readAll(): void {
    const last = this.messages.at(-1)?.seq ?? 0
    if (last <= this.state.read || !this.state.ticket) return
    this.state.read = last
    this.#keep.set('read', String(last))
    this.#socket?.send({ type: 'seen', ticket: this.state.ticket, seq: last })
  }

  async identify(name: string, email: string): Promise<void> {
    await this.#call(() => this.#api.post('chat/session/identify/', { name, email }))
  }

  async end(): Promise<void> {
    await this.#call(() => this.#api.post('chat/session/end/'))
    this.#ended()
  }

  rated(outcome: 'sent' | 'skipped'): void {
    this.state.rated = outcome
    this.#keep.set('rated', outcome)
  }

  async rate(score: number, comment: string): Promise<void> {
    await this.#call(() => this.#api.post('chat/session/rating/', { score, comment }))
    this.rated('sent')
  }

  /** Erases what this browser knows; what was sent stays with the team. */
  forget(everything = true): void {
    this.#socket?.stop()
    this.#socket = null
    this.outbox.clear()
    this.#clear()
    // The server closes its side, too; without it the keys run out by themselves.
    if (this.#session) this.#api.delete('chat/session/').catch(() => undefined)
    this.#session = this.#resume = this.#handed = ''
    if (everything) this.#identity = ''
    Object.assign(this.state, { connection: 'live', blocked: false, identified: false })
    this.#keep.clear()
    this.#told.handle('')
  }

  #clear(): void {
    this.messages.splice(0)
    if (this.state.ticket) this.#positions.forget(this.state.ticket)
    for (const name of ['read', 'rated', 'asked']) this.#keep.set(name, '')
    Object.assign(this.state, {
      ticket: null,
      number: '',
      agent: '',
      queue: null,
      live: false,
      ended: false,
      seen: 0,
      read: 0,
      typing: '',
      failed: false,
      rated: '',
    })
  }

  reload(): void {
    this.state.failed = false
    void this.#catchUp()
  }

  async #open(): Promise<void> {
    const had = this.messages.length > 0
    this.state.loading = !had
    try {
      const session = await this.#begin().catch((error: unknown) => this.#beginAnew(error))
      // Another conversation, because another person or after a long time: not below the former one.
      if (this.state.ticket && session.ticket !== this.state.ticket) this.#clear()
      this.#session = session.session
      this.state.identified = this.#identity !== ''
      this.#resume = session.resume || this.#resume
      this.#adopt(session)
      if (session.ticket) await this.#history()
      this.#connect()
    } finally {
      this.state.loading = false
    }
  }

  /** A token or a handle that is not accepted: begin without it rather than stay before a closed door. */
  #beginAnew(error: unknown): Promise<Session> {
    const refused = error instanceof ApiError && error.status >= 400 && error.status < 500
    if (!refused || error.status === 429) throw error
    if (this.#identity) {
      this.#identity = ''
      this.#told.event('identity', { accepted: false, code: error.code })
    } else if (this.#resume) {
      this.#resume = ''
      this.#told.handle('')
    } else throw error
    return this.#begin()
  }

  #begin(): Promise<Session> {
    return this.#api.post<Session>('chat/sessions/', {
      ...this.introduce(),
      ...(this.#identity ? { identity: this.#identity } : {}),
      ...(this.#resume ? { resume: this.#resume } : {}),
    })
  }

  #adopt(session: Partial<Session>): void {
    if (session.ticket && session.ticket !== this.state.ticket) {
      if (this.state.ticket) this.#clear()
      this.state.ticket = session.ticket
      this.#positions.reached(session.ticket, 0)
    }
    // Nothing is kept before the first line; whom the website vouches for needs no handle.
    if (session.ticket && !this.#identity && this.#resume !== this.#handed) {
      this.#handed = this.#resume
      this.#told.handle(this.#resume)
    }
    if (session.number) this.state.number = session.number
    if (session.queue !== undefined) this.state.queue = session.queue
    if (session.agent) this.state.agent = session.agent.name
    if (session.state) {
      this.state.live = session.state === 'live'
      this.state.ended = session.state === 'ended'
    }
  }

  #connect(): void {
    if (this.#socket) this.#socket.stop()
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
    this.#socket = new LiveSocket({
      url: () =>
        `${scheme}://${location.host}/ws/visitor/?session=${encodeURIComponent(this.#session)}`,
      positions: () => this.#positions.all(),
      onFrame: (frame) => this.#onFrame(frame),
      onStatus: (status) => this.#onStatus(status),
      onResume: () => void this.#catchUp(),
    })
    this.#socket.start()
  }

  #onStatus(status: SocketStatus): void {
    this.state.connection = status
    if (status === 'live') void this.outbox.flush()
    if (status === 'refused') {
      // The session is over; the handle opens the next one.
      this.#session = ''
      if (this.#resume || this.#identity)
        this.open().catch((error: unknown) => {
          this.state.blocked = error instanceof ApiError && [401, 403].includes(error.status)
        })
      else this.state.blocked = true
    }
  }

  async #deliver(line: Line): Promise<void> {
    if (!this.#session) await this.open()
    // The history may have shown that it arrived before the page was reloaded.
    if (this.messages.some(({ origin_id }) => origin_id === line.origin_id)) return
    if (!(await this.#sendLive(line))) await this.#sendPlain(line)
    this.#told.outcome(true)
  }

  /** Over the open line, when there is one: true once acknowledged. */
  #sendLive(line: Line): Promise<boolean> {
    const { ticket } = this.state
    const { origin_id, body } = line
    if (!ticket || this.#socket?.status !== 'live') return Promise.resolve(false)
    if (!this.#socket.send({ type: 'message.send', origin_id, body, ticket }))
      return Promise.resolve(false)
    return new Promise((resolve) => {
      const timer = window.setTimeout(() => done(false), ACK_MS)
      const done = (ok: boolean): void => {
        clearTimeout(timer)
        this.#acks.delete(origin_id)
        resolve(ok)
      }
      this.#acks.set(origin_id, done)
    })
  }

  /** The first line, and every line while there is no open line: same key, so never twice. */
  async #sendPlain({ origin_id, body }: Pick<Line, 'origin_id' | 'body'>): Promise<void> {
    // The line's own news may come before the answer: what is first is known only now.
    const before = this.state.number
    const sent = await this.#call(() =>
      this.#api.post<Message & Partial<Session>>('chat/session/messages/', { origin_id, body }),
    )
    this.#adopt(sent)
    this.#insert({ ...sent, origin_id })
    if (this.state.number !== before) this.#told.event('ticket', { number: this.state.number })
  }

  /** Calls with the session; when it has run out, once more with a fresh one. */
  async #call<T>(work: () => Promise<T>): Promise<T> {
    if (!this.#session) await this.open()
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof ApiError) || ![401, 403].includes(error.status)) throw error
      this.#session = ''
      await this.open()
      return work()
    }
  }

  async #history(): Promise<void> {
    // Within the opening itself: a refusal here must not wait for another opening.
    await this.#fetchAfter(0, () => undefined, false)
    const last = this.messages.at(-1)
    // On a browser that never read here, what an agent has not answered yet is no news.
    if (!this.#keep.get('read') && last?.author.kind === 'customer') this.state.read = last.seq
  }

  #catchUp(): Promise<void> {
    const { ticket } = this.state
    if (!ticket) return Promise.resolve()
    this.#catching ??= this.#fetchAfter(this.#positions.last(ticket) ?? 0, (message) =>
      this.#arrived(message),
    )
      .catch(() => {
        this.state.failed = this.messages.length === 0
      })
      .finally(() => (this.#catching = null))
    return this.#catching
  }

  async #fetchAfter(
    after: number,
    each: (message: Message) => void,
    mayReopen = true,
  ): Promise<void> {
    const ticket = this.state.ticket!
    for (let from = after; ;) {
      const get = (): Promise<Page<Message>> =>
        this.#api.get('chat/session/messages/', { after: from })
      const { results, next } = await (mayReopen ? this.#call(get) : get())
      for (const message of results) {
        const fresh = this.#insert(message)
        this.#positions.reached(ticket, message.seq)
        if (fresh) each(message)
      }
      if (!next || !results.length) return
      from = results.at(-1)!.seq
    }
  }

  #onFrame(frame: Frame): void {
    if (frame.type === 'message.ack') this.#onAck(frame)
    else if (frame.type === 'message.new') this.#onMessage(frame as unknown as Incoming)
    else if (frame.type === 'gap') void this.#catchUp()
    else if (frame.type === 'typing') this.#onTyping(frame)
    else if (frame.type === 'seen' && frame.by === 'agent')
      this.state.seen = Math.max(this.state.seen, Number(frame.seq))
    else if (frame.type === 'chat.accepted') this.#onAccepted(frame)
    else if (frame.type === 'chat.waiting') this.#onWaiting(frame)
    else if (frame.type === 'chat.ended') this.#ended()
    // Refused over the open line: asked again by HTTP, the answer says why in words.
    else if (frame.type === 'error') this.#acks.get(String(frame.origin_id))?.(false)
  }

  #onAck(frame: Frame): void {
    const origin_id = String(frame.origin_id)
    const line = this.outbox.lines.find((waiting) => waiting.origin_id === origin_id)
    this.#adopt({ ticket: Number(frame.ticket) || null })
    if (line)
      this.#insert({
        seq: Number(frame.seq),
        author: { kind: 'customer', name: '' },
        body: line.body,
        created_at: String(frame.created_at),
        origin_id,
      })
    this.#acks.get(origin_id)?.(true)
  }

  #onMessage(frame: Incoming): void {
    if (frame.kind && frame.kind !== 'public') return
    this.#adopt({ ticket: frame.ticket })
    const verdict = this.#positions.judge(frame.ticket, frame.seq, frame.prev)
    if (verdict === 'gap') void this.#catchUp()
    else if (verdict === 'next' && this.#insert(frame)) this.#arrived(frame)
    // Frames name files; only a call gives the signed links to them.
    if (frame.attachments?.length) void this.#fetchAfter(frame.seq - 1, () => undefined, true)
  }

  #arrived(message: Message): void {
    if (message.author.kind === 'customer') return
    this.state.typing = ''
    if (message.author.kind === 'agent' && message.author.name)
      this.state.agent = message.author.name
    this.#told.incoming(message)
    this.#told.event('message', { author: message.author.name })
  }

  #onTyping(frame: Frame): void {
    const author = frame.author as { kind?: string; name?: string } | undefined
    if (author?.kind === 'customer') return
    this.state.typing = author?.name || this.state.agent || '…'
    clearTimeout(this.#typingTimer)
    this.#typingTimer = window.setTimeout(() => (this.state.typing = ''), TYPING_SHOWN_MS)
  }

  #onAccepted(frame: Frame): void {
    const agent = frame.agent as { name?: string } | undefined
    Object.assign(this.state, { queue: null, live: true, ended: false })
    this.state.agent = agent?.name ?? ''
    if (this.state.agent) this.#told.joined(this.state.agent)
  }

  #onWaiting(frame: Frame): void {
    this.state.ended = false
    const { position, wait_s } = frame as Partial<Queue>
    this.state.queue = typeof position === 'number' ? { position, wait_s: wait_s ?? null } : null
  }

  #ended(): void {
    Object.assign(this.state, { ended: true, live: false, queue: null, typing: '' })
  }

  /** Puts a message in its place; false when it was there. Whatever shows it, the line is sent. */
  #insert(message: Message): boolean {
    const { seq, author, body, created_at, origin_id, attachments } = message
    if (origin_id) this.outbox.settle(origin_id)
    const at = this.messages.findIndex((known) => known.seq >= seq)
    if (at >= 0 && this.messages[at]!.seq === seq) {
      if (attachments?.length) this.messages.splice(at, 1, { ...this.messages[at]!, attachments })
      return false
    }
    this.messages.splice(at < 0 ? this.messages.length : at, 0, {
      seq,
      author,
      body,
      created_at,
      origin_id,
      attachments,
    })
    return true
  }
}

type Incoming = Message & { ticket: number; prev: number; kind?: string }

/** Whom a token is about. It is not verified here: that is the server's part. */
function subject(token: string): string {
  try {
    const part = token.split('.')[1]!.replace(/-/g, '+').replace(/_/g, '/')
    const { sub, email } = JSON.parse(atob(part)) as { sub?: string; email?: string }
    return sub || email || token
  } catch {
    return token
  }
}
