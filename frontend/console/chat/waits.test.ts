import { expect, test } from 'vitest'

import type { ChatSession } from '@shared/api/types'

import { urgency, waitedSeconds } from './waits'

const now = new Date('2026-03-12T12:00:00Z')
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1000).toISOString()
const session = (over: Partial<ChatSession>): ChatSession => ({
  id: 1,
  ticket: 1,
  customer: { id: 1, name: 'Léa', trust: 'claimed' },
  queue: { slug: 'billing', name: 'Billing' },
  site: 'shop',
  language: 'fr',
  page: '',
  state: 'live',
  started_at: ago(600),
  accepted_at: ago(500),
  agent: null,
  waits_on: 'agent',
  waiting_since: ago(10),
  last_line: '',
  ...over,
})

test('a waiting visitor waits since the start', () => {
  expect(waitedSeconds(session({ state: 'waiting' }), now)).toBe(600)
})

test('a live chat turns amber at one minute and late at two', () => {
  expect(urgency(session({ waiting_since: ago(59) }), now)).toBe('')
  expect(urgency(session({ waiting_since: ago(60) }), now)).toBe('amber')
  expect(urgency(session({ waiting_since: ago(120) }), now)).toBe('late')
})

test('waiting for the customer is never urgent', () => {
  expect(urgency(session({ waits_on: 'customer', waiting_since: ago(900) }), now)).toBe('')
})
