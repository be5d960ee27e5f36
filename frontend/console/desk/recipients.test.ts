import { expect, test } from 'vitest'

import { addPeople, readTyped, samePeople, showPerson, without } from './recipients'

const lea = { name: 'Léa Martin', address: 'lea@x.example' }
const bob = { name: '', address: 'bob@x.example' }

test('addresses are read as people write and paste them', () => {
  expect(readTyped('Léa Martin <lea@x.example>; bob@x.example,')).toEqual({
    people: [lea, bob],
    wrong: [],
  })
  expect(readTyped('"Martin, inc" bob@')).toEqual({ people: [], wrong: ['"Martin', 'inc" bob@'] })
})

test('nobody is added twice, and no recipient is put in copy', () => {
  expect(addPeople([lea], [{ name: '', address: 'LEA@x.example' }, bob])).toEqual([lea, bob])
  expect(addPeople([], [lea, bob], [lea])).toEqual([bob])
})

test('taking out goes by the address', () => {
  expect(without([lea, bob], { name: '', address: 'Lea@X.example' })).toEqual([bob])
  expect(showPerson(lea)).toBe('Léa Martin <lea@x.example>')
  expect(showPerson(bob)).toBe('bob@x.example')
})

test('the same people are the same in any order', () => {
  expect(samePeople([lea, bob], [{ name: '', address: 'BOB@x.example' }, lea])).toBe(true)
  expect(samePeople([lea], [bob])).toBe(false)
  expect(samePeople([], [])).toBe(true)
  expect(samePeople([lea], [lea, bob])).toBe(false)
})
