import { expect, test } from 'vitest'

import { busy, type Import, outcomes, share, stepOf } from './imports'

const one = { state: 'new', began_at: null, made: 0, changed: 0, same: 0, refused: 0, kept: 0 }
const like = (change: object): Import => ({ ...one, ...change }) as Import

test('only what a job works on is busy', () => {
  expect(
    ['new', 'checking', 'checked', 'running', 'done', 'undoing', 'undone', 'failed'].filter(
      (state) => busy(like({ state })),
    ),
  ).toEqual(['checking', 'running', 'undoing'])
  expect(busy(undefined)).toBeNull()
})

test('a check that failed is still at the check, a run that failed has a result', () => {
  expect(stepOf(like({}))).toBe('columns')
  expect(stepOf(like({ state: 'failed' }))).toBe('check')
  expect(stepOf(like({ state: 'failed', began_at: '2026-11-22T10:00:00Z' }))).toBe('result')
})

test('progress is unknown until the rows are counted', () => {
  expect(share({ done: 0, total: null })).toBeNull()
  expect(share({ done: 50, total: 200 })).toBe(0.25)
})

test('what did not happen is not told', () => {
  expect(outcomes(like({ state: 'checked', made: 2, refused: 1 }))).toEqual([
    { name: 'made', count: 2 },
    { name: 'refused', count: 1 },
  ])
  expect(outcomes(like({ state: 'undone', made: 2, kept: 1 }))).toEqual([
    { name: 'kept', count: 1 },
  ])
})
