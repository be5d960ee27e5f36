import { expect, test } from 'vitest'

import { parseTerms, spoken, typedTerms } from './terms'

test('words are parted by commas, semicolons and lines', () => {
  expect(parseTerms('refund*, money ;\n  broken  screen ,')).toEqual([
    'refund*',
    'money',
    'broken screen',
  ])
  expect(parseTerms('  ')).toEqual([])
  expect(parseTerms('a, b, a')).toEqual(['a', 'b'])
})

test('a comma within quotation marks belongs to the phrase', () => {
  expect(parseTerms('"please, help", now')).toEqual(['"please, help"', 'now'])
  expect(parseTerms('« carte débit* »~5, “money back”')).toEqual([
    '"carte débit*"~5',
    '"money back"',
  ])
})

test('what was typed comes back as it was', () => {
  const terms = ['refund*', '"money back"', '"carte débit*"~5', '-offer']
  expect(parseTerms(typedTerms(terms))).toEqual(terms)
})

test('the notation is taken apart for people, so that quotes are never doubled', () => {
  expect(spoken('"money back"')).toEqual({ text: 'money back', near: null, absent: false })
  expect(spoken('"carte débit*"~5')).toEqual({ text: 'carte débit*', near: 5, absent: false })
  expect(spoken('-offer')).toEqual({ text: 'offer', near: null, absent: true })
  expect(spoken('rembours*').text).toBe('rembours*')
  expect(spoken('-').text).toBe('-')
})
