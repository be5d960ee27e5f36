import { expect, test } from 'vitest'

import {
  blank,
  changed,
  copied,
  inserted,
  moved,
  refreshed,
  removed,
  sameList,
  sameText,
  sent,
  tidy,
  withAdded,
  withMember,
  withoutMember,
  withShifted,
} from './draft'
import type { Group, Rule } from './shapes'

const rules = (names: string): Rule[] =>
  [...names].map((name, at) => ({ ...blank(name), key: name, id: at + 1, position: at + 1 }))
const names = (list: Rule[]): string => list.map((rule) => rule.name).join('')
const positions = (list: Rule[]): number[] => list.map((rule) => rule.position)

test('a rule goes up, down, and no further than the ends', () => {
  expect(names(moved(rules('abcd'), 2, 0))).toBe('cabd')
  expect(names(moved(rules('abcd'), 0, 3))).toBe('bcda')
  expect(names(moved(rules('abcd'), 1, 2))).toBe('acbd')
  expect(names(moved(rules('abcd'), 3, 99))).toBe('abcd')
  expect(names(moved(rules('abcd'), 1, -7))).toBe('bacd')
  expect(positions(moved(rules('abcd'), 2, 0))).toEqual([1, 2, 3, 4])
})

test('moving nothing gives the very same list', () => {
  const list = rules('ab')
  expect(moved(list, 1, 1)).toBe(list)
  expect(moved(list, 5, 0)).toBe(list)
})

test('rules are put in, changed and taken out, and numbered without gaps', () => {
  const more = inserted(rules('ab'), { ...blank('x'), key: 'x' }, 1)
  expect(names(more)).toBe('axb')
  expect(positions(more)).toEqual([1, 2, 3])
  expect(names(changed(more, 'x', { name: 'y' }))).toBe('ayb')
  expect(positions(removed(more, 'a'))).toEqual([1, 2])
})

test('a copy shares nothing with the rule it was made from', () => {
  const first = { ...rules('a')[0]!, actions: { tags: ['x'] } }
  const second = copied(first, 'b')
  expect([second.id, second.name, second.change]).toEqual([null, 'b', 'new'])
  expect(second.key).not.toBe(first.key)
  ;(second.actions.tags as string[]).push('y')
  expect(first.actions).toEqual({ tags: ['x'] })
})

test('counts and places make no difference, words do', () => {
  const [one] = rules('a')
  const counted = { ...one!, hits: 9, position: 4, key: 'other' }
  expect(sameText(one!, counted)).toBe(true)
  expect(sameText(one!, { ...one!, stops: false })).toBe(false)
  expect(sameList(rules('ab'), rules('ba'))).toBe(false)
})

test('empty groups are not sent', () => {
  const leaf = { field: 'text', op: 'words', value: ['x'] }
  expect(tidy({ all: [{ any: [] }, leaf], none: [], any: [{ all: [{ none: [] }] }] })).toEqual({
    all: [leaf],
  })
  expect(sent({ ...blank('a'), conditions: { any: [] } }).conditions).toEqual({})
})

test('the server adds what it knows and leaves what was typed meanwhile', () => {
  const ours = changed(rules('ab'), 'b', { name: 'typed on' })
  const theirs = rules('ab').map((rule) => ({ ...rule, hits: 7, id: 10 + rule.position }))
  const both = refreshed(ours, theirs)
  expect(both.map((rule) => [rule.id, rule.name, rule.hits])).toEqual([
    [11, 'a', 7],
    [12, 'typed on', 7],
  ])
})

test('members of a group are added, replaced, shifted and taken out', () => {
  const leaf = (value: string) => ({ field: 'text', op: 'words', value: [value] })
  const group: Group = withAdded(withAdded({}, 'all', leaf('a')), 'all', leaf('b'))
  expect(withMember(group, 'all', 0, leaf('c'))).toEqual({ all: [leaf('c'), leaf('b')] })
  expect(withShifted(group, 'all', 0, 'none')).toEqual({ all: [leaf('b')], none: [leaf('a')] })
  expect(withoutMember(withoutMember(group, 'all', 0), 'all', 0)).toEqual({})
})
