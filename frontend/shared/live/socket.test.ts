import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { type Frame, LiveSocket, retryDelay, type SocketStatus } from './socket'

/** The network: records what was opened and sent, and lets a test open, say and cut. */
class Line {
  static readonly CONNECTING = 0
  static readonly OPEN = 1
  static readonly CLOSED = 3
  static all: Line[] = []
  readyState = Line.CONNECTING
  sent: Frame[] = []
  onopen: (() => void) | null = null
  onmessage: ((event: { data: string }) => void) | null = null
  onclose: ((event: { code: number }) => void) | null = null
  onerror: (() => void) | null = null

  constructor(readonly url: string) {
    Line.all.push(this)
  }

  static get last(): Line {
    return Line.all[Line.all.length - 1]!
  }

  open(): void {
    this.readyState = Line.OPEN
    this.onopen?.()
  }

  say(data: string): void {
    this.onmessage?.({ data })
  }

  cut(code = 1006): void {
    this.readyState = Line.CLOSED
    this.onclose?.({ code })
  }

  send(data: string): void {
    this.sent.push(JSON.parse(data) as Frame)
  }

  close(): void {
    this.readyState = Line.CLOSED
  }
}

let frames: Frame[]
let statuses: SocketStatus[]
let resumed: number
let socket: LiveSocket

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('WebSocket', Line)
  Line.all = []
  frames = []
  statuses = []
  resumed = 0
  socket = new LiveSocket({
    url: () => 'ws://desk/ws/desk/',
    positions: () => ({ '7': 3 }),
    onFrame: (frame) => frames.push(frame),
    onStatus: (status) => statuses.push(status),
    onResume: () => (resumed += 1),
    silenceMs: 60_000,
    random: () => 1,
  })
  socket.start()
})

afterEach(() => {
  socket.stop()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test('on opening it says what it already has', () => {
  Line.last.open()
  expect(Line.last.sent).toEqual([{ type: 'hello', after: { '7': 3 } }])
  expect(statuses).toEqual(['live'])
  expect(resumed).toBe(0)
})

test('it waits 1, 2, 4 … 30 s between attempts and never gives up', () => {
  const waits = [0, 1, 2, 3, 4, 5, 6, 20].map((attempt) => retryDelay(attempt, () => 1))
  expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000])
  expect(retryDelay(3, () => 0)).toBe(4000)
  for (const wait of waits.slice(0, 5)) {
    const before = Line.all.length
    Line.last.cut()
    vi.advanceTimersByTime(wait - 1)
    expect(Line.all.length).toBe(before)
    vi.advanceTimersByTime(1)
    expect(Line.all.length).toBe(before + 1)
  }
})

test('a short gap shows no banner', () => {
  Line.last.open()
  Line.last.cut()
  vi.advanceTimersByTime(1000)
  Line.last.open()
  vi.advanceTimersByTime(10_000)
  expect(statuses).toEqual(['live', 'connecting', 'live'])
  expect(resumed).toBe(1)
})

test('after a second and a half of silence it admits to be lost', () => {
  Line.last.open()
  Line.last.cut()
  vi.advanceTimersByTime(1499)
  expect(socket.status).toBe('connecting')
  vi.advanceTimersByTime(1)
  expect(socket.status).toBe('lost')
})

test('coming back online reconnects at once', () => {
  Line.last.open()
  for (let i = 0; i < 6; i++) {
    Line.last.cut()
    vi.advanceTimersByTime(30_000)
  }
  Line.last.cut()
  const before = Line.all.length
  window.dispatchEvent(new Event('online'))
  expect(Line.all.length).toBe(before + 1)
})

test('a line that stays silent is replaced', () => {
  Line.last.open()
  vi.advanceTimersByTime(59_999)
  expect(Line.all.length).toBe(1)
  Line.last.say('{"type":"ping"}')
  vi.advanceTimersByTime(59_999)
  expect(Line.all.length).toBe(1)
  vi.advanceTimersByTime(1)
  expect(Line.all.length).toBe(2)
})

test('a line that never opens is given up and tried again', () => {
  vi.advanceTimersByTime(9999)
  expect(Line.all.length).toBe(1)
  vi.advanceTimersByTime(1)
  expect(Line.all[0]!.readyState).toBe(Line.CLOSED)
  vi.advanceTimersByTime(1000)
  expect(Line.all.length).toBe(2)
  Line.last.open()
  vi.advanceTimersByTime(30_000)
  expect(Line.all.length).toBe(2)
  expect(socket.status).toBe('live')
})

test('a frame that is no JSON, or has no type, is ignored', () => {
  Line.last.open()
  Line.last.say('{broken')
  Line.last.say('[1]')
  Line.last.say('null')
  Line.last.say('{"type":"seen","ticket":7,"seq":3}')
  expect(frames).toEqual([{ type: 'seen', ticket: 7, seq: 3 }])
})

test('when told to sign in again it stops and says so', () => {
  Line.last.open()
  Line.last.cut(4401)
  vi.advanceTimersByTime(120_000)
  expect(statuses).toEqual(['live', 'refused'])
  expect(Line.all.length).toBe(1)
})

test('what cannot be sent is reported to the caller', () => {
  expect(socket.send({ type: 'typing', ticket: 7 })).toBe(false)
  Line.last.open()
  expect(socket.send({ type: 'typing', ticket: 7 })).toBe(true)
})

test('after stop nothing is opened any more', () => {
  Line.last.open()
  socket.stop()
  window.dispatchEvent(new Event('online'))
  vi.advanceTimersByTime(120_000)
  expect(Line.all.length).toBe(1)
})
