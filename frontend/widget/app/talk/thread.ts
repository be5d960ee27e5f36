/** The messages in the server's one order, without holes and without doubles. */
import { ref, shallowReactive } from 'vue'

import type { ApiClient, Page } from '../../../shared/api/client'
import { Positions } from '../../../shared/live/positions'
import type { Keep } from '../keep'
import type { Message } from './shapes'

export type Incoming = Message & { ticket: number; prev: number; kind?: string }
type Call = <T>(work: (api: ApiClient) => Promise<T>) => Promise<T>

export class Thread {
  readonly messages: Message[] = shallowReactive([])
  readonly positions = new Positions()
  /** Read here up to this message. */
  readonly #read = ref(0)
  readonly #keep: Keep
  readonly #stored: (origin_id: string) => void

  /** `stored` is told of every line that the server shows to have. */
  constructor(keep: Keep, stored: (origin_id: string) => void) {
    this.#keep = keep
    this.#stored = stored
    this.#read.value = Number(keep.get('read')) || 0
  }

  get unread(): number {
    return this.messages.filter(
      ({ seq, author }) => seq > this.#read.value && author.kind !== 'customer',
    ).length
  }

  /** The last message is before the visitor's eyes; its number when that is news. */
  readAll(): number {
    const last = this.messages.at(-1)?.seq ?? 0
    if (last <= this.#read.value) return 0
    this.#read.value = last
    this.#keep.set('read', String(last))
    return last
  }

  begin(ticket: number): void {
    this.positions.reached(ticket, 0)
  }

  clear(ticket: number | null): void {
    this.messages.splice(0)
    if (ticket) this.positions.forget(ticket)
    this.#keep.set('read', '')
    this.#read.value = 0
  }

  /** On a browser that never read here, what an agent has not answered yet is no news. */
  settleFirstRead(): void {
    const last = this.messages.at(-1)
    if (!this.#keep.get('read') && last?.author.kind === 'customer') this.#read.value = last.seq
  }

  has(origin_id: string): boolean {
    return this.messages.some((message) => message.origin_id === origin_id)
  }

  /** Puts a message in its place; false when it was there. Whatever shows it, the line is sent. */
  insert(message: Message): boolean {
    const { seq, author, body, created_at, origin_id, channel, attachments } = message
    if (origin_id) this.#stored(origin_id)
    const at = this.messages.findIndex((known) => known.seq >= seq)
    if (at >= 0 && this.messages[at]!.seq === seq) {
      if (attachments?.length) this.messages.splice(at, 1, { ...this.messages[at]!, attachments })
      return false
    }
    const one = { seq, author, body, created_at, origin_id, channel, attachments }
    this.messages.splice(at < 0 ? this.messages.length : at, 0, one)
    return true
  }

  /** Reads on from a message to the end; `each` hears of those that are new here. */
  async fetch(
    ticket: number,
    after: number,
    call: Call,
    each: (message: Message) => void = () => undefined,
  ): Promise<void> {
    for (let from = after; ;) {
      const { results, next } = await call((api) =>
        api.get<Page<Message>>('chat/session/messages/', { after: from }),
      )
      for (const message of results) {
        const fresh = this.insert(message)
        this.positions.reached(ticket, message.seq)
        if (fresh) each(message)
      }
      if (!next || !results.length) return
      from = results.at(-1)!.seq
    }
  }
}
