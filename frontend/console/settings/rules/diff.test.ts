import { expect, test } from 'vitest'

import { movedRules } from './diff'

test('one rule taken to the top is one move', () => {
  expect(movedRules(['a', 'b', 'c', 'd'], ['d', 'a', 'b', 'c'])).toEqual(new Set(['d']))
  expect(movedRules(['a', 'b', 'c'], ['b', 'a', 'c']).size).toBe(1)
})

test('rules that came and went move nobody', () => {
  expect(movedRules(['a', 'b', 'c'], ['x', 'a', 'c']).size).toBe(0)
  expect(movedRules([], ['a']).size).toBe(0)
})
