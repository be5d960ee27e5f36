import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'
import { createI18n } from 'vue-i18n'

import { flatten } from '@shared/i18n/parity'

import { compileMessage } from './messages'

const RULES = { fr: (choice: number) => (Math.abs(choice) < 2 ? 0 : 1) }

/** Every message of one language, by a name without dots. */
function messages(language: string): [string, string][] {
  const files = readdirSync(join(import.meta.dirname, 'locales'), { recursive: true })
    .map(String)
    .filter((file) => file.endsWith(`${language}.json`))
  const found = files.flatMap((file) => [
    ...flatten(JSON.parse(readFileSync(join(import.meta.dirname, 'locales', file), 'utf8'))),
  ])
  return found.map(([, text], at) => [`m${at}`, text])
}

test.each(['en', 'fr'])('every message of %s reads as vue-i18n itself would read it', (locale) => {
  const all = messages(locale)
  expect(all.length).toBeGreaterThan(1500)
  const options = {
    legacy: false as const,
    locale,
    pluralRules: RULES,
    messages: { [locale]: Object.fromEntries(all) },
  }
  const theirs = createI18n(options).global
  const ours = createI18n({ ...options, messageCompiler: compileMessage as never }).global
  for (const [key, text] of all) {
    const names = [...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1]!)
    const values = Object.fromEntries(names.map((name) => [name, `‹${name}|{x}›`]))
    expect(ours.t(key, values)).toBe(theirs.t(key, values))
    for (const count of [0, 1, 2])
      expect(ours.t(key, { ...values, n: count }, count)).toBe(
        theirs.t(key, { ...values, n: count }, count),
      )
  }
})

test('a value that is not given is nothing', () => {
  const i18n = createI18n({
    legacy: false,
    locale: 'en',
    messages: { en: { hi: 'Hello {name}!' } },
    messageCompiler: compileMessage as never,
  })
  expect(i18n.global.t('hi')).toBe('Hello !')
})
