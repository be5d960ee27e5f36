import { expect, test } from 'vitest'

import { pieces } from './pieces'

const drawn = (text: string, spans: [number, number][]) =>
  pieces(
    text,
    spans.map(([start, end]) => ({ start, end, term: 't' })),
  )
    .map((piece) => (piece.marked ? `[${piece.text}]` : piece.text))
    .join('')

test('the matched words are marked where they stand', () => {
  expect(
    drawn('ma carte a été débitée', [
      [3, 8],
      [15, 22],
    ]),
  ).toBe('ma [carte] a été [débitée]')
})

test('a picture counts as one character', () => {
  expect(drawn('😀 carte', [[2, 7]])).toBe('😀 [carte]')
})

test('overlapping words are marked once', () => {
  expect(
    drawn('money back', [
      [0, 10],
      [6, 10],
    ]),
  ).toBe('[money back]')
})

test('positions outside the text are ignored', () => {
  expect(
    drawn('abc', [
      [2, 9],
      [-1, 1],
      [2, 2],
    ]),
  ).toBe('abc')
})
