import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { differences, flatten } from '@shared/i18n/parity'

import en from './en.json'
import fr from './fr.json'

const root = join(import.meta.dirname, '../..')

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((file) => file.isFile() && /(?<!\.test)\.(ts|vue)$/.test(file.name))
    .map((file) => readFileSync(join(file.parentPath, file.name), 'utf8'))
}

test('French and English have the same keys and placeholders', () => {
  expect(differences(en, fr)).toEqual([])
})

test('every key used in the console exists', () => {
  const known = flatten(en)
  const used = sources(root).flatMap((source) =>
    [...source.matchAll(/(?:\bt|\$t)\(\s*'([\w.-]+)'/g)].map((match) => match[1]!),
  )
  expect(used.length).toBeGreaterThan(200)
  expect(used.filter((key) => !known.has(key))).toEqual([])
})

test('French spaces before tall punctuation never break', () => {
  const wrong = [...flatten(fr)].filter(([, text]) => / [!?;:»]|« /.test(text))
  expect(wrong).toEqual([])
})
