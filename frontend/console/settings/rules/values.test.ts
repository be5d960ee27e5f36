import { expect, test } from 'vitest'

import type { CatalogueField } from './shapes'
import { fitted, inUnits, onField, onOp, shapeOf } from './values'

const ops = (...names: string[]) => names.map((name) => ({ name, label: name }))
const field = (given: Partial<CatalogueField>): CatalogueField => ({
  name: 'sender',
  label: 'sender',
  type: 'code',
  ops: ops('is', 'in', 'is_set'),
  choices: null,
  current: true,
  ...given,
})
const text = field({ name: 'text', type: 'text', ops: ops('words', 'regex') })
const channel = field({
  name: 'channel',
  choices: [
    { value: 'email', label: 'E-mail' },
    { value: 'chat', label: 'Chat' },
  ],
})
const spam = field({ name: 'spam', type: 'number', ops: ops('at_least', 'in') })

test('each kind of field and operator has its own input', () => {
  expect(shapeOf(text, 'words')).toBe('terms')
  expect(shapeOf(text, 'regex')).toBe('regex')
  expect(shapeOf(channel, 'is')).toBe('choice')
  expect(shapeOf(channel, 'not_in')).toBe('choices')
  expect(shapeOf(channel, 'is_set')).toBe('nothing')
  expect(shapeOf(channel, 'like')).toBe('list')
  expect(shapeOf(spam, 'at_least')).toBe('number')
  expect(shapeOf({ ...spam, name: 'waiting' }, 'at_most')).toBe('span')
  expect(shapeOf(field({ type: 'tags' }), 'any')).toBe('list')
  expect(shapeOf(field({ type: 'hours' }), 'is')).toBe('hours')
})

test('another operator keeps what was typed, in the form it wants', () => {
  const one = onField(field({}), undefined)
  expect(one).toEqual({ field: 'sender', op: 'is', value: '' })
  expect(onOp(field({}), { ...one, value: 'a@b.example' }, 'in').value).toEqual(['a@b.example'])
  expect(onOp(field({}), { ...one, op: 'in', value: ['a', 'b'] }, 'is').value).toBe('a')
  expect(onOp(field({}), { ...one, value: 'a' }, 'is_set').value).toEqual([])
})

test('choices that the field does not know are dropped', () => {
  expect(fitted(channel, 'in', ['chat', 'pigeon'])).toEqual(['chat'])
  expect(fitted(channel, 'is', 'pigeon')).toBe('email')
  expect(fitted(spam, 'at_least', '80')).toBe(80)
})

test('another field starts anew but is still asked as it is now', () => {
  expect(onField(channel, { field: 'sender', op: 'in', value: ['x'], of: 'current' })).toEqual({
    field: 'channel',
    op: 'in',
    value: [],
    of: 'current',
  })
})

test('minutes are said in the largest whole unit', () => {
  expect(inUnits(90)).toEqual({ amount: 90, unit: 1 })
  expect(inUnits(120)).toEqual({ amount: 2, unit: 60 })
  expect(inUnits(2880)).toEqual({ amount: 2, unit: 1440 })
})
