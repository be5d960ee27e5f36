import { expect, test } from 'vitest'

import { Positions } from './positions'

test('a message that follows the last one is next and moves the position', () => {
  const positions = new Positions()
  positions.reached(12, 4)
  expect(positions.judge(12, 5, 4)).toBe('next')
  expect(positions.all()).toEqual({ '12': 5 })
})

test('a message seen before is known and moves nothing', () => {
  const positions = new Positions()
  positions.reached(12, 4)
  expect(positions.judge(12, 4, 3)).toBe('known')
  expect(positions.last(12)).toBe(4)
})

test('a message whose predecessor was never seen is a gap and moves nothing', () => {
  const positions = new Positions()
  positions.reached(12, 4)
  expect(positions.judge(12, 7, 6)).toBe('gap')
  expect(positions.last(12)).toBe(4)
})

test('hidden notes leave no hole: prev may lie before what we have', () => {
  const positions = new Positions()
  positions.reached(12, 4)
  expect(positions.judge(12, 9, 3)).toBe('next')
})

test('a conversation that is not open is not tracked', () => {
  const positions = new Positions()
  expect(positions.judge(99, 1, 0)).toBe('untracked')
  expect(positions.all()).toEqual({})
})

test('reached never goes backwards', () => {
  const positions = new Positions()
  positions.reached(12, 9)
  positions.reached(12, 3)
  expect(positions.last(12)).toBe(9)
})
