import { beforeEach, expect, test, vi } from 'vitest'

import { News } from './news'
import { blankState, type TalkState } from './shapes'

const told = {
  incoming: vi.fn(),
  joined: vi.fn(),
  outcome: vi.fn(),
  handle: vi.fn(),
  event: vi.fn(),
}
let state: TalkState
let news: News

beforeEach(() => {
  vi.clearAllMocks()
  state = blankState()
  news = new News(state, told)
})

test('the place in the line moves, and being late is kept with it', () => {
  news.take({ type: 'chat.waiting', session: 1, position: 2, wait_s: 240 })
  expect(state.queue).toEqual({ position: 2, wait_s: 240 })
  news.take({ type: 'chat.waiting', session: 1, position: null, wait_s: null, late: true })
  expect([state.queue, state.late]).toEqual([null, true])
})

test('who takes it is told once; who takes it over is named with whom he follows', () => {
  news.take({ type: 'chat.accepted', session: 1, ticket: 7, agent: { id: 1, name: 'Sarah' } })
  expect([state.live, state.agent, state.before]).toEqual([true, 'Sarah', ''])
  news.take({ type: 'chat.accepted', session: 1, ticket: 7, agent: { id: 2, name: 'Karim' } })
  expect([state.agent, state.before]).toEqual(['Karim', 'Sarah'])
  expect(told.joined.mock.calls).toEqual([['Sarah'], ['Karim']])
})

test('an end takes place, wait and typing with it', () => {
  news.take({ type: 'chat.waiting', session: 1, position: 1, wait_s: 60, late: true })
  news.take({ type: 'chat.ended', session: 1, ticket: 7, by: 'agent' })
  expect(state).toMatchObject({ ended: true, live: false, late: false, queue: null, typing: '' })
})

test('typing is shown for six seconds, and never one’s own', () => {
  vi.useFakeTimers()
  news.take({ type: 'typing', ticket: 7, author: { kind: 'customer', name: '' } })
  expect(state.typing).toBe('')
  news.take({ type: 'typing', ticket: 7, author: { kind: 'agent', name: 'Sarah' } })
  expect(state.typing).toBe('Sarah')
  vi.advanceTimersByTime(6000)
  expect(state.typing).toBe('')
  vi.useRealTimers()
})
