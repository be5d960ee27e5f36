/** The open line to the server: what is said over it, and whether it was heard. */
import { type Frame, LiveSocket, type SocketStatus } from '../../../shared/live/socket'
import type { Line } from './outbox'
import type { FileRef } from './shapes'

const ACK_MS = 5000

export interface Listener {
  /** Every frame, before whoever waits for its acknowledgement hears of it. */
  frame(frame: Frame): void
  status(status: SocketStatus): void
  /** The line is open again: frames are not repeated. */
  resume(): void
}

export class Wire {
  readonly #listener: Listener
  readonly #acks = new Map<string, (ok: boolean) => void>()
  #socket: LiveSocket | null = null

  constructor(listener: Listener) {
    this.#listener = listener
  }

  open(token: () => string, positions: () => Record<string, number>): void {
    this.#socket?.stop()
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
    this.#socket = new LiveSocket({
      url: () => `${scheme}://${location.host}/ws/visitor/?session=${encodeURIComponent(token())}`,
      positions,
      onFrame: (frame) => this.#hear(frame),
      onStatus: (status) => this.#listener.status(status),
      onResume: () => this.#listener.resume(),
    })
    this.#socket.start()
  }

  close(): void {
    this.#socket?.stop()
    this.#socket = null
  }

  say(frame: Frame): boolean {
    return this.#socket?.send(frame) ?? false
  }

  /** True once the server has the line for good; false when there is no open line, silence, or a refusal. */
  post(ticket: number | null, line: Line): Promise<boolean> {
    if (!ticket || this.#socket?.status !== 'live') return Promise.resolve(false)
    if (!this.say({ type: 'message.send', ticket, ...asSent(line) })) return Promise.resolve(false)
    const { origin_id } = line
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

  #hear(frame: Frame): void {
    this.#listener.frame(frame)
    // Refused over the open line: asked again by HTTP, the answer says why in words.
    if (frame.type === 'message.ack' || frame.type === 'error')
      this.#acks.get(String(frame.origin_id))?.(frame.type === 'message.ack')
  }
}

/** A line as it travels. */
export function asSent({ origin_id, body, files }: Line): Record<string, unknown> {
  const attachments = files.map(({ id }: FileRef) => id)
  return { origin_id, body, ...(attachments.length ? { attachments } : {}) }
}
