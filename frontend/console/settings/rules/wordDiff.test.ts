import { expect, test } from 'vitest'

import { wordDiff } from './wordDiff'

const said = (before: string, after: string): string =>
  wordDiff(before, after)
    .map(({ text, kind }) => (kind === 'same' ? text : `${kind === 'gone' ? '-' : '+'}${text}`))
    .join(' | ')

test('a phrase is new or gone as one', () => {
  expect(said('has “a” or “b c”', 'has “a” or “b d”')).toBe('has “a” or | -“b c” | +“b d”')
  expect(said('one two', 'one two')).toBe('one two')
  expect(said('', 'new')).toBe('+new')
})

test('what stayed is cut short around a change', () => {
  const many = Array.from({ length: 30 }, (_, at) => `w${at}`).join(' ')
  expect(said(`${many} x ${many}`, `${many} y ${many}`)).toBe(
    '… w25 w26 w27 w28 w29 | -x | +y | w0 w1 w2 w3 w4 …',
  )
})
