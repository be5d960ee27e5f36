import { expect, test } from 'vitest'

import { contrast, readableOn } from '../../shared/ui/colour'

const COLORS = ['#1f5fbf', '#ffd400', '#00b894', '#ff6b6b', '#ffffff', '#000000', '#7f7f7f']

test('any colour becomes readable on white and on the dark surface', () => {
  for (const color of COLORS) {
    for (const ground of ['#ffffff', '#f4f5f7', '#171b21', '#1f252d'])
      expect(contrast(readableOn(ground, color), ground)).toBeGreaterThanOrEqual(4.5)
  }
})

test('a colour that can be read already is left as it is', () => {
  expect(readableOn('#ffffff', '#1f5fbf')).toBe('#1f5fbf')
})

test('contrast follows the WCAG formula', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5)
  expect(contrast('#1f5fbf', '#ffffff')).toBeCloseTo(6.1, 1)
})
