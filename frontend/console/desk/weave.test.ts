import { expect, test } from 'vitest'

import type { Message, TicketEvent } from '@shared/api/types'

import { weave } from './weave'

const message = (seq: number, at: string, over: Partial<Message> = {}): Message => ({
  seq,
  kind: 'public',
  author: { kind: 'customer', name: 'Léa' },
  channel: 'chat',
  body: `#${seq}`,
  html: '',
  attachments: [],
  created_at: at,
  origin_id: null,
  ...over,
})
const event = (name: string, at: string): TicketEvent => ({
  name,
  actor: { kind: 'user', name: 'Karim' },
  data: {},
  detail: '',
  at,
})
const shape = (entries: ReturnType<typeof weave>) =>
  entries.map((entry) => {
    if (entry.type === 'message') return `${entry.message.seq}${entry.grouped ? '+' : ''}`
    return entry.type === 'changes' ? `(${entry.events.length})` : entry.type
  })

test('what came from another request stands in its time, what was taken out again does not', () => {
  const entries = weave(
    [
      message(1, '2026-03-10T10:00:00'),
      message(2, '2026-03-12T10:00:00'),
      message(3, '2026-03-10T10:01:00', { copied_from: { ticket: 7, seq: 1 } }),
      message(4, '2026-03-10T10:02:00', { copied_from: { ticket: 7, seq: 2 } }),
      message(5, '2026-03-10T10:03:00', {
        copied_from: { ticket: 8, seq: 1 },
        unsent_at: '2026-03-13T10:00:00',
      }),
    ],
    [],
    null,
  )
  expect(shape(entries)).toEqual(['day', '1', '3', '4+', 'day', '2'])
})

test('days separate, lines of one person within minutes belong together', () => {
  const entries = weave(
    [
      message(1, '2026-03-10T10:00:00'),
      message(2, '2026-03-10T10:01:00'),
      message(3, '2026-03-10T10:02:00', { author: { kind: 'agent', name: 'Karim' } }),
      message(4, '2026-03-11T09:00:00'),
    ],
    [],
    null,
  )
  expect(shape(entries)).toEqual(['day', '1', '2+', '3', 'day', '4'])
})

test('a note never joins a public line', () => {
  const entries = weave(
    [message(1, '2026-03-10T10:00:00'), message(2, '2026-03-10T10:00:10', { kind: 'note' })],
    [],
    null,
  )
  expect(shape(entries)).toEqual(['day', '1', '2'])
})

test('changes between two messages are folded where they happened', () => {
  const entries = weave(
    [message(1, '2026-03-10T10:00:00'), message(2, '2026-03-10T12:00:00')],
    [
      event('ticket.assigned', '2026-03-10T11:00:00'),
      event('ticket.status', '2026-03-10T11:00:01'),
      event('message.posted', '2026-03-10T12:00:00'),
      event('ticket.solved', '2026-03-10T13:00:00'),
    ],
    null,
  )
  expect(shape(entries)).toEqual(['day', '1', '(2)', '2', '(1)'])
})

test('the line of unread stands once, before the first unread message', () => {
  const entries = weave(
    [
      message(1, '2026-03-10T10:00:00'),
      message(2, '2026-03-10T10:00:05'),
      message(3, '2026-03-10T10:00:06'),
    ],
    [],
    2,
  )
  expect(shape(entries)).toEqual(['day', '1', 'unread', '2', '3+'])
})
