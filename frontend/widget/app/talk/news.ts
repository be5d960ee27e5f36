/** What happens to a conversation beside its messages: who types, who has read, where one stands in the line. */
import type { Frame } from '../../../shared/live/socket'
import type { Queue, TalkState, Told } from './shapes'

const TYPING_SHOWN_MS = 6000

export class News {
  readonly #state: TalkState
  readonly #told: Told
  #typingTimer: number | undefined

  constructor(state: TalkState, told: Told) {
    this.#state = state
    this.#told = told
  }

  take(frame: Frame): void {
    const { type } = frame
    if (type === 'typing') this.#typing(frame)
    else if (type === 'seen' && frame.by === 'agent')
      this.#state.seen = Math.max(this.#state.seen, Number(frame.seq))
    else if (type === 'chat.accepted') this.#accepted(frame)
    else if (type === 'chat.waiting') this.#waiting(frame)
    else if (type === 'chat.ended') this.ended()
  }

  ended(): void {
    Object.assign(this.#state, { ended: true, live: false, late: false, queue: null, typing: '' })
  }

  #typing(frame: Frame): void {
    const author = frame.author as { kind?: string; name?: string } | undefined
    if (author?.kind === 'customer') return
    this.#state.typing = author?.name || this.#state.agent || '…'
    clearTimeout(this.#typingTimer)
    this.#typingTimer = window.setTimeout(() => (this.#state.typing = ''), TYPING_SHOWN_MS)
  }

  #accepted(frame: Frame): void {
    const state = this.#state
    const name = (frame.agent as { name?: string } | undefined)?.name ?? ''
    // Whoever takes it over has the conversation before his eyes: the visitor is told so.
    state.before = state.agent && state.agent !== name ? state.agent : ''
    Object.assign(state, { queue: null, late: false, live: true, ended: false, agent: name })
    if (name) this.#told.joined(name)
  }

  #waiting(frame: Frame): void {
    const { position, wait_s, late } = frame as Partial<Queue> & { late?: boolean }
    Object.assign(this.#state, { ended: false, late: !!late })
    this.#state.queue = typeof position === 'number' ? { position, wait_s: wait_s ?? null } : null
  }
}
