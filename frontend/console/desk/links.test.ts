import { expect, test } from 'vitest'

import { grouped, heldUpBy, type TicketLink } from './links'

let last = 0
function link(
  relation: TicketLink['relation'],
  status: TicketLink['ticket']['status'],
): TicketLink {
  last += 1
  const queue = { slug: 'general', name: 'General' }
  return {
    id: last,
    relation,
    ticket: { id: last, number: String(last), subject: 'One', status, queue, assignee: null },
    created_by: { id: 1, name: 'Alice' },
    created_at: '2026-11-22T09:00:00Z',
  }
}

test('links stand by what they are, and of the parts it is said how many are done', () => {
  const found = grouped([
    link('related', 'open'),
    link('child', 'open'),
    link('child', 'solved'),
    link('child', 'closed'),
    link('parent', 'new'),
  ])
  expect(found.map((group) => [group.relation, group.links.length, group.done])).toEqual([
    ['parent', 1, 0],
    ['child', 3, 2],
    ['related', 1, 0],
  ])
})

test('a request is held up by what it waits for and that is not finished', () => {
  last = 0
  const links = [
    link('blocked_by', 'open'),
    link('blocked_by', 'solved'),
    link('blocks', 'open'),
    link('blocked_by', 'hold'),
  ]
  expect(heldUpBy(links)).toEqual(['1', '4'])
  expect(heldUpBy(undefined)).toEqual([])
})
