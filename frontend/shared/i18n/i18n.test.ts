import { expect, test } from 'vitest'

import { formatAgo, formatClock, formatSize, formatSpan, pickLocale } from './format'
import { differences } from './parity'
import { createTranslator } from './translate'

test('zero is singular in French and plural in English', () => {
  const fr = createTranslator('fr', { n: '{count} message | {count} messages' })
  const en = createTranslator('en', { n: '{count} message | {count} messages' })
  expect([fr('n', { count: 0 }), fr('n', { count: 2 })]).toEqual(['0 message', '2 messages'])
  expect([en('n', { count: 0 }), en('n', { count: 1 })]).toEqual(['0 messages', '1 message'])
})

test('an unknown key shows itself', () => {
  expect(createTranslator('en', {})('nothing.here')).toBe('nothing.here')
})

test('the first known language wins', () => {
  expect(pickLocale(null, 'de-DE', 'fr-CA', 'en')).toBe('fr')
  expect(pickLocale('xx')).toBe('en')
})

test('recent times are relative, older ones are dates', () => {
  const now = new Date('2026-03-12T12:00:00')
  expect(formatAgo('2026-03-12T11:55:00', 'en', now)).toBe('5 min ago')
  expect(formatAgo('2026-03-02T11:55:00', 'fr', now)).toBe('2 mars')
})

test('spans, clocks and sizes are short', () => {
  expect(formatSpan(61, 'en')).toBe('1 min')
  expect(formatClock(160)).toBe('2:40')
  expect(formatClock(3661)).toBe('1:01:01')
  expect(formatSize(120_400, 'en')).toBe('120 kB')
})

test('parity names each difference', () => {
  expect(differences({ a: 'x', b: { c: '{n} y' } }, { a: 'x', b: { c: 'y', d: 'z' } })).toEqual([
    'b.d is missing on the left',
    'b.c has other placeholders',
  ])
})
