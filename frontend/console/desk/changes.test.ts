import { expect, test } from 'vitest'

import type { Ticket } from '@shared/api/types'

import { rebased } from './changes'

const ticket = (over: Partial<Ticket>): Ticket =>
  ({ id: 1, version: 2, priority: 2, tags: ['a', 'b'], subject: 'S', ...over }) as Ticket

test('what somebody else changed elsewhere does not stand in the way', () => {
  expect(rebased(ticket({ subject: 'T' }), { priority: 2 }, { priority: 3 })).toEqual({
    priority: 3,
  })
})

test('the same field changed by both is nobody’s to overwrite', () => {
  expect(rebased(ticket({ priority: 4 }), { priority: 2 }, { priority: 3 })).toBeNull()
})

test('tags are merged as sets: what each added or dropped holds', () => {
  const now = ticket({ tags: ['a', 'theirs'] })
  expect(rebased(now, { tags: ['a', 'b'] }, { tags: ['a', 'b', 'mine'] })).toEqual({
    tags: ['a', 'theirs', 'mine'],
  })
  expect(rebased(now, { tags: ['a', 'b'] }, { tags: ['b'] })).toEqual({ tags: ['theirs'] })
  const both = { tags: ['b'], priority: 3 as const }
  expect(rebased(ticket({ priority: 4 }), { tags: ['a', 'b'], priority: 2 }, both)).toBeNull()
})
