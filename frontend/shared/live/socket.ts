/** A socket that never gives up: it reconnects, resumes where it stopped, and says only true things. */

import { CLOSE_NOT_YOURS, CLOSE_RESUME, CLOSE_SIGN_IN, CLOSE_SLOWER } from './frames'

export interface Frame {
  type: string
  [key: string]: unknown
}

/**
 * `connecting` at first and during short gaps, `live`, `lost` after real silence (show the banner),
 * `refused` when the server said not to come back.
 */
export type SocketStatus = 'connecting' | 'live' | 'lost' | 'refused'

export { CLOSE_NOT_YOURS, CLOSE_RESUME, CLOSE_SIGN_IN, CLOSE_SLOWER }

export interface SocketOptions {
  url: () => string
  /** What we already have, per ticket: sent as `hello` on each opening. */
  positions: () => Record<string, number>
  onFrame: (frame: Frame) => void
  onStatus?: (status: SocketStatus, code: number | null) => void
  /** Called after each opening but the first: the moment to fetch what frames do not repeat. */
  onResume?: () => void
  /** Without any frame for this long the line is taken for dead. */
  silenceMs?: number
  /** A line that does not open for this long never will: behind a dead router nobody says no. */
  openMs?: number
  /** How long a gap may last before it is worth a word. */
  bannerMs?: number
  random?: () => number
}

const FIRST_DELAY_MS = 1000
const LONGEST_DELAY_MS = 30_000

/** 1, 2, 4 … 30 s, each drawn from its upper half so that a restart is not met by a stampede. */
export function retryDelay(attempt: number, random: () => number = Math.random): number {
  const full = Math.min(FIRST_DELAY_MS * 2 ** attempt, LONGEST_DELAY_MS)
  return full / 2 + (full / 2) * random()
}

export class LiveSocket {
  #socket: WebSocket | null = null
  #status: SocketStatus = 'connecting'
  #attempt = 0
  #opened = false
  #running = false
  #lastHeard = 0
  #retryTimer: number | undefined
  #bannerTimer: number | undefined
  #silenceTimer: number | undefined
  #openTimer: number | undefined
  readonly #options: Required<SocketOptions>

  constructor(options: SocketOptions) {
    this.#options = {
      onStatus: () => undefined,
      onResume: () => undefined,
      silenceMs: 60_000,
      openMs: 10_000,
      bannerMs: 1500,
      random: Math.random,
      ...options,
    }
  }

  get status(): SocketStatus {
    return this.#status
  }

  start(): void {
    if (this.#running) return
    this.#running = true
    window.addEventListener('online', this.#wake)
    window.addEventListener('focus', this.#wake)
    document.addEventListener('visibilitychange', this.#wake)
    this.#attempt = 0
    this.#connect()
  }

  stop(): void {
    this.#running = false
    window.removeEventListener('online', this.#wake)
    window.removeEventListener('focus', this.#wake)
    document.removeEventListener('visibilitychange', this.#wake)
    this.#clearTimers()
    this.#drop()
  }

  /** True when the frame was handed to an open line; that alone does not mean that it arrived. */
  send(frame: Frame): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false
    this.#socket.send(JSON.stringify(frame))
    return true
  }

  #wake = (): void => {
    if (!this.#running || document.visibilityState === 'hidden') return
    if (this.#socket?.readyState === WebSocket.OPEN) {
      if (Date.now() - this.#lastHeard > this.#options.silenceMs) this.#reconnectNow()
      return
    }
    if (this.#socket?.readyState === WebSocket.CONNECTING) return
    this.#reconnectNow()
  }

  #reconnectNow(): void {
    this.#attempt = 0
    this.#drop()
    this.#expectBanner()
    this.#connect()
  }

  #connect(): void {
    clearTimeout(this.#retryTimer)
    this.#retryTimer = undefined
    let socket: WebSocket
    try {
      socket = new WebSocket(this.#options.url())
    } catch {
      this.#retry()
      return
    }
    this.#socket = socket
    clearTimeout(this.#openTimer)
    this.#openTimer = window.setTimeout(() => this.#giveUp(), this.#options.openMs)
    socket.onopen = () => this.#onOpen()
    socket.onmessage = (event) => this.#onMessage(event)
    socket.onclose = (event) => this.#onClose(socket, event.code)
    // A failed handshake also closes: one path is enough.
    socket.onerror = () => undefined
  }

  #giveUp(): void {
    if (this.#socket?.readyState !== WebSocket.CONNECTING) return
    this.#drop()
    this.#expectBanner()
    this.#retry()
  }

  #onOpen(): void {
    clearTimeout(this.#openTimer)
    this.#heard()
    this.send({ type: 'hello', after: this.#options.positions() })
    this.#attempt = 0
    clearTimeout(this.#bannerTimer)
    this.#bannerTimer = undefined
    this.#setStatus('live', null)
    if (this.#opened) this.#options.onResume()
    this.#opened = true
  }

  #onMessage(event: MessageEvent): void {
    this.#heard()
    let frame: unknown
    try {
      frame = JSON.parse(String(event.data))
    } catch {
      return
    }
    if (typeof frame === 'object' && frame !== null && 'type' in frame) {
      this.#options.onFrame(frame as Frame)
    }
  }

  #onClose(socket: WebSocket, code: number): void {
    if (socket !== this.#socket) return
    this.#socket = null
    clearTimeout(this.#silenceTimer)
    if (!this.#running) return
    if (code === CLOSE_SIGN_IN || code === CLOSE_NOT_YOURS) {
      this.#clearTimers()
      this.#running = false
      this.#setStatus('refused', code)
      return
    }
    this.#expectBanner()
    if (code === CLOSE_RESUME) this.#attempt = 0
    if (code === CLOSE_SLOWER) this.#attempt = Math.max(this.#attempt, 3)
    this.#retry()
  }

  #retry(): void {
    clearTimeout(this.#retryTimer)
    const delay = retryDelay(this.#attempt, this.#options.random)
    this.#attempt += 1
    this.#retryTimer = window.setTimeout(() => this.#connect(), delay)
  }

  #heard(): void {
    this.#lastHeard = Date.now()
    clearTimeout(this.#silenceTimer)
    this.#silenceTimer = window.setTimeout(() => this.#reconnectNow(), this.#options.silenceMs)
  }

  #expectBanner(): void {
    if (this.#status === 'lost' || this.#bannerTimer !== undefined) return
    this.#setStatus('connecting', null)
    this.#bannerTimer = window.setTimeout(() => {
      this.#bannerTimer = undefined
      this.#setStatus('lost', null)
    }, this.#options.bannerMs)
  }

  #setStatus(status: SocketStatus, code: number | null): void {
    if (status === this.#status) return
    this.#status = status
    this.#options.onStatus(status, code)
  }

  #drop(): void {
    const socket = this.#socket
    this.#socket = null
    if (!socket) return
    socket.onopen = socket.onmessage = socket.onclose = null
    socket.close()
  }

  #clearTimers(): void {
    clearTimeout(this.#retryTimer)
    clearTimeout(this.#bannerTimer)
    clearTimeout(this.#silenceTimer)
    clearTimeout(this.#openTimer)
    this.#retryTimer = this.#bannerTimer = this.#silenceTimer = this.#openTimer = undefined
  }
}
