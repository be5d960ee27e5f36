import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { ApiError } from '../../../shared/api/client'
import { Keep } from '../keep'
import { type Line, Outbox } from './outbox'

/** A server that stores each origin_id once, and can be cut before or after storing. */
class Server {
  stored: string[] = []
  ids: string[] = []
  fail: '' | 'before' | 'after' | number = ''

  deliver = async (line: Line): Promise<void> => {
    await Promise.resolve()
    if (this.fail === 'before') throw new ApiError(0, {})
    if (typeof this.fail === 'number') throw new ApiError(this.fail, { detail: 'Too long' })
    if (!this.ids.includes(line.origin_id)) {
      this.ids.push(line.origin_id)
      this.stored.push(line.body)
    }
    if (this.fail === 'after') throw new ApiError(0, {})
  }
}

let server: Server
const keep = (): Keep => new Keep('shop')
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0)

beforeEach(() => {
  vi.useFakeTimers()
  localStorage.clear()
  server = new Server()
})

afterEach(() => vi.useRealTimers())

test('a line that is stored leaves the box and the storage', async () => {
  const box = new Outbox(keep(), server.deliver)
  box.add('Bonjour')
  expect(box.lines.map((line) => line.state)).toEqual(['sending'])
  expect(localStorage.length).toBe(1)
  await settle()
  expect(server.stored).toEqual(['Bonjour'])
  expect(box.lines).toEqual([])
  expect(localStorage.length).toBe(0)
})

test('a line that fails stays visible, in storage, and arrives once on retry', async () => {
  const failures: string[] = []
  const box = new Outbox(keep(), server.deliver, (line) => failures.push(line.state))
  server.fail = 'before'
  const { origin_id } = box.add('Ma carte est refusée')
  await settle()
  expect(box.lines.map((line) => [line.body, line.state])).toEqual([
    ['Ma carte est refusée', 'failed'],
  ])
  expect(failures).toEqual(['failed'])
  expect(localStorage.length).toBe(1)
  server.fail = ''
  box.retry(origin_id)
  await settle()
  expect(server.stored).toEqual(['Ma carte est refusée'])
  expect(box.lines).toEqual([])
})

test('stored but not acknowledged, then reloaded: posted again, stored once', async () => {
  server.fail = 'after'
  new Outbox(keep(), server.deliver).add('Une seule fois')
  await settle()
  expect(server.stored).toEqual(['Une seule fois'])
  server.fail = ''
  const reloaded = new Outbox(keep(), server.deliver)
  expect(reloaded.lines.map((line) => line.body)).toEqual(['Une seule fois'])
  await reloaded.flush()
  expect(server.stored).toEqual(['Une seule fois'])
  expect(reloaded.lines).toEqual([])
  expect(localStorage.length).toBe(0)
})

test('order is kept: later lines wait behind one that cannot go', async () => {
  server.fail = 'before'
  const box = new Outbox(keep(), server.deliver)
  for (const body of ['one', 'two', 'three']) {
    vi.advanceTimersByTime(1)
    box.add(body)
  }
  await settle()
  expect(server.stored).toEqual([])
  expect(box.lines.map((line) => line.state)).toEqual(['failed', 'sending', 'sending'])
  server.fail = ''
  await vi.advanceTimersByTimeAsync(30_000)
  expect(server.stored).toEqual(['one', 'two', 'three'])
})

test('it tries again by itself, without a person', async () => {
  server.fail = 503
  const box = new Outbox(keep(), server.deliver)
  box.add('Later')
  await settle()
  expect(box.lines[0]!.state).toBe('failed')
  server.fail = ''
  expect(server.stored).toEqual([])
  await vi.advanceTimersByTimeAsync(8000)
  expect(server.stored).toEqual(['Later'])
})

test('a refusal says why, is not repeated, and lets the next line pass', async () => {
  server.fail = 422
  const box = new Outbox(keep(), server.deliver)
  box.add('far too long')
  await settle()
  expect(box.lines.map((line) => [line.state, line.reason])).toEqual([['refused', 'Too long']])
  server.fail = ''
  box.add('short')
  await vi.advanceTimersByTimeAsync(60_000)
  expect(server.stored).toEqual(['short'])
  expect(box.lines.map((line) => line.body)).toEqual(['far too long'])
})

test('taking a line back to edit it gives its text and forgets it', async () => {
  server.fail = 'before'
  const box = new Outbox(keep(), server.deliver)
  const { origin_id } = box.add('a typo')
  await settle()
  expect(box.take(origin_id)).toBe('a typo')
  expect(box.lines).toEqual([])
  expect(localStorage.length).toBe(0)
  server.fail = ''
  await vi.advanceTimersByTimeAsync(60_000)
  expect(server.stored).toEqual([])
})

test('two tabs that both find the line store it once', async () => {
  server.fail = 'before'
  new Outbox(keep(), server.deliver).add('twice?')
  await settle()
  vi.clearAllTimers()
  server.fail = ''
  const tabs = [new Outbox(keep(), server.deliver), new Outbox(keep(), server.deliver)]
  await Promise.all(tabs.map((tab) => tab.flush()))
  expect(server.stored).toEqual(['twice?'])
})

test('lines of another site are left alone', async () => {
  server.fail = 'before'
  new Outbox(new Keep('other'), server.deliver).add('elsewhere')
  await settle()
  expect(new Outbox(keep(), server.deliver).lines).toEqual([])
})
