import { expect, test } from 'vitest'

import { differences } from '../../shared/i18n/parity'
import en from './locales/en.json'
import fr from './locales/fr.json'
import moreEn from './locales/more/en.json'
import moreFr from './locales/more/fr.json'

test('English and French hold the same strings with the same places', () => {
  expect(differences(en, fr)).toEqual([])
  expect(differences(moreEn, moreFr)).toEqual([])
})

test('no word stands in both files', () => {
  expect(Object.keys(en).filter((key) => key in moreEn)).toEqual([])
})

test('French keeps a narrow no-break space before high punctuation', () => {
  const all = Object.entries({ ...fr, ...moreFr })
  const wrong = all.filter(([, text]) => /[^\u202f][:;!?](\s|$)/.test(text))
  expect(wrong).toEqual([])
})
