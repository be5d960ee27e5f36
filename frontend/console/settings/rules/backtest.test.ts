import { expect, test } from 'vitest'

import { backtest, joined, told } from './backtest'
import type { Backtest } from './shapes'

const queue = (slug: string) => ({ slug, name: slug.toUpperCase() })
const part = (first: number, tried: number, next: number | null): Backtest => ({
  tried,
  changed: 1,
  share: 1 / tried,
  ms: 5,
  against: 'draft',
  versus: 'live',
  changes: [
    {
      ticket: { id: first, number: String(first), subject: 's' },
      from: queue('a'),
      to: queue('b'),
      rule: 'r',
      fields: {},
    },
  ],
  moves: [{ from: queue('a'), to: queue('b'), count: 1 }],
  rules: [{ id: 1, key: 'k', name: 'r', hits: tried }],
  next,
})

test('slices follow each other until the wished number is reached', async () => {
  const asked: Record<string, unknown>[] = []
  const told: number[] = []
  const found = await backtest(
    { limit: 250, against: 'draft', days: 7 },
    (body) => {
      asked.push(body)
      return Promise.resolve(part(1000 - asked.length, body.limit as number, 900 - asked.length))
    },
    (soFar) => told.push(soFar.tried),
  )
  expect(asked.map((body) => [body.limit, body.before, body.days])).toEqual([
    [100, undefined, 7],
    [100, 899, 7],
    [50, 898, 7],
  ])
  expect(told).toEqual([100, 200, 250])
  expect([found.tried, found.changed, found.share, found.ms]).toEqual([250, 3, 3 / 250, 15])
  expect(found.moves).toEqual([{ from: queue('a'), to: queue('b'), count: 3 }])
  expect(found.rules[0]!.hits).toBe(250)
  expect(found.changes.map((change) => change.ticket.id)).toEqual([999, 998, 997])
})

test('the end of the past ends it', async () => {
  const found = await backtest(
    { limit: 500, against: 'live' },
    () => Promise.resolve(part(1, 42, null)),
    () => undefined,
  )
  expect(found.tried).toBe(42)
})

test('nothing tried is no share', () => {
  const none = { ...part(1, 1, null), tried: 0, changed: 0, changes: [], moves: [], rules: [] }
  expect(joined(none, none).share).toBe(0)
})

test('some are never told as none of all, nor most as all', () => {
  expect([0, 0.001, 0.036, 0.999, 1].map((share) => told(share))).toEqual([
    { share: 0, isLess: false },
    { share: 0.01, isLess: true },
    { share: 0.036, isLess: false },
    { share: 0.99, isLess: false },
    { share: 1, isLess: false },
  ])
})
