/** The visitor's conversation: begins with the first line, survives gaps, reloads and other tabs. */
import { reactive } from 'vue'

import { ApiError } from '../../../shared/api/client'
import type { FileClient } from '../../../shared/api/files'
import type { Frame, SocketStatus } from '../../../shared/live/socket'
import { uuid } from '../../../shared/text/uuid'
import type { PageHint } from '../../protocol'
import type { Keep } from '../keep'
import { Calls, type Wish } from './calls'
import { Door } from './door'
import { Files } from './files'
import { News } from './news'
import { type Line, Outbox } from './outbox'
import {
  blankState,
  type Introduction,
  type Message,
  type OpenedSession,
  type SessionState,
  type TalkState,
  type Told,
} from './shapes'
import { Sharing } from './sharing'
import { type Incoming, Thread } from './thread'
import { asSent, Wire } from './wire'

const TYPING_SENT_MS = 3000

export class Conversation {
  readonly state: TalkState = reactive(blankState())
  readonly outbox: Outbox
  readonly files: Files
  readonly thread: Thread
  readonly calls: Calls
  readonly sharing: Sharing

  readonly #keep: Keep
  readonly #told: Told
  readonly #here: () => PageHint | null
  readonly #door: Door
  readonly #news: News
  readonly #wire: Wire
  /** Key of a written request under way: pressing the button again repeats it, no more. */
  #request: { origin_id: string; body: string } | null = null
  #catching: Promise<void> | null = null
  #typedAt = 0

  constructor(
    keep: Keep,
    told: Told,
    introduce: () => Introduction,
    here: () => PageHint | null = () => null,
  ) {
    this.#here = here
    this.#keep = keep
    this.#told = told
    this.#door = new Door(told, (session) => this.#entered(session))
    this.#door.introduce = introduce
    this.#news = new News(this.state, told)
    this.#wire = new Wire({
      frame: (frame) => this.#onFrame(frame),
      status: (status) => this.#onStatus(status),
      resume: () => this.#onResume(),
    })
    const call = <T>(work: (api: FileClient) => Promise<T>): Promise<T> => this.call(work)
    this.calls = new Calls(call)
    this.sharing = new Sharing(call)
    this.outbox = new Outbox(
      keep,
      (line) => this.#deliver(line),
      () => told.outcome(false),
    )
    this.files = new Files(this.#door)
    this.thread = new Thread(keep, (origin_id) => this.outbox.settle(origin_id))
    this.state.rated = keep.get('rated') as 'sent' | ''
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

  get messages(): Message[] {
    return this.thread.messages
  }

  get exists(): boolean {
    return this.messages.length > 0 || this.outbox.lines.length > 0
  }

  get unread(): number {
    return this.thread.unread
  }

  /** The server knows this visitor; before that, what he agrees to goes with the opening. */
  get isOpen(): boolean {
    return this.#door.token !== ''
  }

  /** What the host page knows of this visitor. A handle brings the earlier conversation back. */
  async recognise(handle: string, identity: string): Promise<void> {
    const { opens, other } = this.#door.learn(handle, identity)
    // Another person on the same computer must not see the former one's words.
    if (other) this.#empty()
    if (opens) await this.#door.open().catch(() => undefined)
  }

  /** Any call of the visitor's own: opens the session first, and again when it has run out. */
  call<T>(work: (api: FileClient) => Promise<T>): Promise<T> {
    return this.#door.call(work)
  }

  /** Goes on with a session that a link or a choice has led to. */
  enter(session: OpenedSession): Promise<void> {
    return this.#door.enter(session)
  }

  /** The same browser goes on with another of its conversations. */
  async turnTo(state: SessionState): Promise<void> {
    if (state.ticket !== this.state.ticket) this.#clear()
    this.#adopt(state)
    if (state.ticket) await this.#history()
    this.#connect()
  }

  /** A call is asked for: it has a request of its own, which shows here from now on. */
  async askCall(wish: Wish): Promise<void> {
    await this.calls.ask(wish)
    await this.turnTo(await this.call((api) => api.get<SessionState>('chat/session/')))
  }

  send(body: string): void {
    this.#typedAt = 0
    this.outbox.add(body.trim(), this.files.take())
  }

  /** A written request: its text becomes a ticket with a reference; fails instead of waiting. */
  async request(body: string, name: string, email: string): Promise<void> {
    const text = body.trim()
    if (this.#request?.body !== text) this.#request = { origin_id: uuid(), body: text }
    const { origin_id } = this.#request
    const before = this.state.number
    const files = this.files.ready.map(({ id }) => id)
    const sent = await this.call((api) =>
      api.post<SessionState>('chat/session/write/', {
        origin_id,
        ...(text ? { body: text } : {}),
        ...(files.length ? { attachments: files } : {}),
        ...(name ? { name } : {}),
        ...(email ? { email } : {}),
      }),
    )
    this.#request = null
    this.files.take()
    this.#adopt(sent)
    this.#news.ended()
    await this.#catchUp()
    if (this.state.number !== before) this.#told.event('ticket', { number: this.state.number })
  }

  /** The bytes of a file as an address of this page alone; whoever asks lets go of it. */
  async fileUrl(id: string): Promise<string> {
    return URL.createObjectURL(await this.call((api) => api.blob(`chat/session/files/${id}/`)))
  }

  typing(): void {
    const now = Date.now()
    if (!this.state.ticket || now - this.#typedAt < TYPING_SENT_MS) return
    if (this.#wire.say({ type: 'typing', ticket: this.state.ticket })) this.#typedAt = now
  }

  /** The visitor has the last message before his eyes. */
  readAll(): void {
    const { ticket } = this.state
    const last = ticket ? this.thread.readAll() : 0
    if (last) this.#wire.say({ type: 'seen', ticket, seq: last })
  }

  async identify(name: string, email: string): Promise<void> {
    await this.call((api) => api.post('chat/session/identify/', { name, email }))
  }

  async end(): Promise<void> {
    await this.call((api) => api.post('chat/session/end/'))
    this.#news.ended()
  }

  rated(outcome: 'sent' | 'skipped'): void {
    this.state.rated = outcome
    this.#keep.set('rated', outcome)
  }

  async rate(score: number, comment: string): Promise<void> {
    await this.call((api) => api.post('chat/session/rating/', { score, comment }))
    this.rated('sent')
  }

  /** The website's visitor has signed out: this browser's keys die, the conversation goes on elsewhere. */
  logout(): void {
    if (this.#door.token)
      this.#door.api.post('chat/session/logout/').catch(() => {
        // Without it the keys run out by themselves.
      })
    this.#empty(true)
  }

  /** Erases what this browser knows, once the server has closed its side; what was sent stays with the team. */
  async forget<T>(): Promise<T | null> {
    const stays =
      this.#door.hasWayBack || this.#door.token
        ? await this.call((api) => api.post<T>('chat/session/forget/'))
        : null
    this.#empty(true)
    return stays
  }

  reload(): void {
    this.state.failed = false
    void this.#catchUp()
  }

  /** Nothing of the former person stays on the screen, in the storage or with the host page. */
  #empty(everything = false): void {
    this.#wire.close()
    this.outbox.clear()
    this.files.clear()
    this.calls.clear()
    this.sharing.clear()
    this.#clear()
    const { identity, token } = this.#door
    this.#door.drop(true)
    if (!everything) Object.assign(this.#door, { identity, token })
    Object.assign(this.state, blankState())
    this.#keep.clear()
  }

  #clear(): void {
    this.thread.clear(this.state.ticket)
    for (const name of ['rated', 'asked']) this.#keep.set(name, '')
    const { connection, identified, blocked } = this.state
    Object.assign(this.state, blankState(), { connection, identified, blocked })
  }

  async #entered(session: OpenedSession): Promise<void> {
    this.state.loading = !this.messages.length
    try {
      // Another conversation, because another person or after a long time: not below the former one.
      if (this.state.ticket && session.ticket !== this.state.ticket) this.#clear()
      this.state.identified = !!session.identified || this.#door.identity !== ''
      this.#adopt(session)
      if (session.ticket) {
        await this.#history()
        this.#refreshCalls()
      }
      this.sharing.follow(this.#here())
      this.#connect()
    } finally {
      this.state.loading = false
    }
  }

  #adopt(session: Partial<SessionState>): void {
    const { state } = this
    if (session.ticket && session.ticket !== state.ticket) {
      if (state.ticket) this.#clear()
      state.ticket = session.ticket
      this.thread.begin(session.ticket)
    }
    if (session.ticket) this.#door.handOver()
    if (session.number) state.number = session.number
    this.sharing.adopt(session)
    if (session.queue !== undefined) state.queue = session.queue
    if (session.late !== undefined) state.late = session.late
    if (session.identified) state.identified = true
    if (session.agent) state.agent = session.agent.name
    if (session.state) {
      state.live = session.state === 'live'
      state.ended = session.state === 'ended'
    }
  }

  #connect(): void {
    this.#wire.open(
      () => this.#door.token,
      () => this.thread.positions.all(),
    )
  }

  #onResume(): void {
    void this.#catchUp()
    if (this.calls.current) this.#refreshCalls()
  }

  #refreshCalls(): void {
    this.calls.refresh().catch(() => {
      // The next news of it asks again.
    })
  }

  #onStatus(status: SocketStatus): void {
    this.state.connection = status
    if (status === 'live') void this.outbox.flush()
    if (status === 'refused') {
      // The session is over; the handle opens the next one.
      this.#door.token = ''
      if (this.#door.hasWayBack)
        this.#door.open().catch((error: unknown) => {
          this.state.blocked = error instanceof ApiError && [401, 403].includes(error.status)
        })
      else this.state.blocked = true
    }
  }

  async #deliver(line: Line): Promise<void> {
    if (!this.#door.token) await this.#door.open()
    // The history may have shown that it arrived before the page was reloaded.
    if (this.thread.has(line.origin_id)) return
    if (!(await this.#wire.post(this.state.ticket, line))) await this.#sendPlain(line)
    this.#told.outcome(true)
  }

  /** The first line, and every line while there is no open line: same key, so never twice. */
  async #sendPlain(line: Line): Promise<void> {
    // The line's own news may come before the answer: what is first is known only now.
    const before = this.state.number
    const sent = await this.call((api) =>
      api.post<Message & SessionState>('chat/session/messages/', asSent(line)),
    )
    this.#adopt(sent)
    this.thread.insert({ ...sent, origin_id: line.origin_id })
    if (this.state.number !== before) this.#told.event('ticket', { number: this.state.number })
  }

  async #history(): Promise<void> {
    // Within the opening itself: a refusal here must not wait for another opening.
    await this.thread.fetch(this.state.ticket!, 0, (work) => work(this.#door.api))
    this.thread.settleFirstRead()
  }

  #catchUp(): Promise<void> {
    const { ticket } = this.state
    if (!ticket) return Promise.resolve()
    const last = this.thread.positions.last(ticket) ?? 0
    this.#catching ??= this.#fetchAfter(last)
      .catch(() => {
        this.state.failed = this.messages.length === 0
      })
      .finally(() => (this.#catching = null))
    return this.#catching
  }

  #fetchAfter(seq: number): Promise<void> {
    return this.thread.fetch(
      this.state.ticket!,
      seq,
      (work) => this.call(work),
      (message) => this.#arrived(message),
    )
  }

  #onFrame(frame: Frame): void {
    const { type } = frame
    if (type === 'message.ack') this.#onAck(frame)
    else if (type === 'message.new') this.#onMessage(frame as unknown as Incoming)
    else if (type === 'gap') void this.#catchUp()
    else if (type === 'callback.changed') this.#refreshCalls()
    else this.#news.take(frame)
  }

  #onAck(frame: Frame): void {
    const origin_id = String(frame.origin_id)
    const line = this.outbox.lines.find((waiting) => waiting.origin_id === origin_id)
    this.#adopt({ ticket: Number(frame.ticket) || null })
    if (line)
      this.thread.insert({
        seq: Number(frame.seq),
        author: { kind: 'customer', name: '' },
        body: line.body,
        created_at: String(frame.created_at),
        origin_id,
        attachments: line.files,
      })
  }

  #onMessage(frame: Incoming): void {
    if (frame.kind && frame.kind !== 'public') return
    this.#adopt({ ticket: frame.ticket })
    const verdict = this.thread.positions.judge(frame.ticket, frame.seq, frame.prev)
    if (verdict === 'gap') void this.#catchUp()
    else if (verdict === 'next' && this.thread.insert(frame)) this.#arrived(frame)
  }

  #arrived(message: Message): void {
    if (message.author.kind === 'customer') return
    this.state.typing = ''
    if (message.author.kind === 'agent' && message.author.name)
      this.state.agent = message.author.name
    this.#told.incoming(message)
    this.#told.event('message', { author: message.author.name })
  }
}
