import { expect, test } from 'vitest'

import type { Delivery } from '@shared/api/mail'
import type { Message } from '@shared/api/types'

import { adviceFor, fateOf, secondsLeft } from './deliveries'

const NOW = Date.parse('2026-11-22T10:00:00Z')
const to = (state: Delivery['state'], reason = ''): Delivery => ({
  address: 'a@x.example',
  kind: 'to',
  state,
  reason,
  text: '',
  error: '',
  attempts: 1,
  next_try_at: null,
  sent_at: null,
})
const message = (members: Partial<Message>): Message => members as Message

test('a held message leaves in whole seconds, the last one until it left', () => {
  const held = message({ leaves_at: '2026-11-22T10:00:04.200Z', deliveries: [to('queued')] })
  expect(secondsLeft(held, NOW)).toBe(4)
  expect(secondsLeft(held, NOW + 4150)).toBe(1)
  expect(fateOf(held, NOW)).toBe('held')
  expect(fateOf(held, NOW + 5000)).toBe('leaving')
})

test('what was taken back is neither held nor leaving', () => {
  const back = message({ leaves_at: '2026-11-22T10:00:04Z', unsent_at: '2026-11-22T10:00:01Z' })
  expect(secondsLeft(back, NOW)).toBe(0)
  expect(fateOf(back, NOW)).toBe('unsent')
})

test('a failure for one of several recipients is not hidden by success', () => {
  expect(fateOf(message({ deliveries: [to('sent'), to('bounced')] }), NOW)).toBe('partly')
  expect(fateOf(message({ deliveries: [to('failed')] }), NOW)).toBe('failed')
  expect(fateOf(message({ deliveries: [to('sent'), to('queued')] }), NOW)).toBe('leaving')
  expect(fateOf(message({ deliveries: [to('sent')] }), NOW)).toBe('sent')
  expect(fateOf(message({}), NOW)).toBe('none')
})

test('each reason has its advice, an unknown one too', () => {
  expect(adviceFor(to('failed', 'unknown_address'))).toBe('correct')
  expect(adviceFor(to('failed', 'never_heard_of'))).toBe('otherWay')
})
