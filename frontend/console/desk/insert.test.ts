import { expect, test } from 'vitest'

import { insertAtCaret, slashTerm } from './insert'

test('a slash at the start of a word opens the list', () => {
  expect(slashTerm('/', 1)).toEqual({ term: '', start: 0, length: 1 })
  expect(slashTerm('Bonjour /remb', 13)).toEqual({ term: 'remb', start: 8, length: 5 })
})

test('a slash inside a word or an address does not', () => {
  expect(slashTerm('and/or', 6)).toBeNull()
  expect(slashTerm('https://shop.example/', 21)).toBeNull()
  expect(slashTerm('/remb done', 10)).toBeNull()
})

test('two semicolons work as well', () => {
  expect(slashTerm('x ;;remb', 8)).toEqual({ term: 'remb', start: 2, length: 6 })
})

test('the insertion replaces the term only', () => {
  const box = document.createElement('textarea')
  document.body.append(box)
  box.value = 'Bonjour /remb et merci'
  insertAtCaret(box, 'votre remboursement', { start: 8, length: 5 })
  expect(box.value).toBe('Bonjour votre remboursement et merci')
})

test('without a term it goes in at the caret', () => {
  const box = document.createElement('textarea')
  document.body.append(box)
  box.value = 'ac'
  box.setSelectionRange(1, 1)
  insertAtCaret(box, 'b')
  expect(box.value).toBe('abc')
})
