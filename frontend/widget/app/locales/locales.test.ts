import { expect, test } from 'vitest'

import { differences } from '../../../shared/i18n/parity'
import en from './en.json'
import fr from './fr.json'

test('English and French hold the same strings with the same places', () => {
  expect(differences(en, fr)).toEqual([])
})

test('French keeps a narrow no-break space before high punctuation', () => {
  const wrong = Object.entries(fr).filter(([, text]) => /[^\u202f][:;!?](\s|$)/.test(text))
  expect(wrong).toEqual([])
})
