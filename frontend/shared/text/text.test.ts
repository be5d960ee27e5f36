import { expect, test, vi } from 'vitest'

import { linkify } from './linkify'
import { splitQuote } from './quote'
import { uuid } from './uuid'

test('links keep their sentence punctuation outside', () => {
  expect(linkify('See https://shop.example/a?b=1. Thanks')).toEqual([
    { text: 'See ' },
    { text: 'https://shop.example/a?b=1', href: 'https://shop.example/a?b=1' },
    { text: '. Thanks' },
  ])
})

test('addresses become mail links and scripts stay text', () => {
  expect(linkify('lea@ex.fr javascript:alert(1)')).toEqual([
    { text: 'lea@ex.fr', href: 'mailto:lea@ex.fr' },
    { text: ' javascript:alert(1)' },
  ])
})

test('a quote below the answer is folded with its attribution', () => {
  const text = 'Merci !\n\nLe 12 mars 2026 à 10:00, Guichet a écrit :\n> Bonjour\n> Karim'
  expect(splitQuote(text)).toEqual({
    said: 'Merci !',
    quoted: 'Le 12 mars 2026 à 10:00, Guichet a écrit :\n> Bonjour\n> Karim',
  })
})

test('an answer between quoted lines is left alone', () => {
  const text = '> First?\nYes.\n> Second?\nNo.'
  expect(splitQuote(text)).toEqual({ said: text, quoted: '' })
})

test('a message that is nothing but a quote stays visible', () => {
  expect(splitQuote('> only this')).toEqual({ said: '> only this', quoted: '' })
})

test('a UUID can be made where the browser offers no ready one', () => {
  const form = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
  expect(uuid()).toMatch(form)
  vi.stubGlobal('crypto', { getRandomValues: crypto.getRandomValues.bind(crypto) })
  expect(uuid()).toMatch(form)
  vi.unstubAllGlobals()
})
