import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { differences, flatten } from '@shared/i18n/parity'

type Tree = Parameters<typeof flatten>[0]

/** Every word of one language: the common file, and the bundles of single pages. */
function words(language: string): Tree {
  const bundles = readdirSync(import.meta.dirname, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => `${entry.name}/`)
  const trees = ['', ...bundles].map(
    (folder) =>
      JSON.parse(
        readFileSync(join(import.meta.dirname, `${folder}${language}.json`), 'utf8'),
      ) as Tree,
  )
  const groups = trees.flatMap((tree) => Object.keys(tree))
  expect(groups.filter((name, at) => groups.indexOf(name) !== at)).toEqual([])
  return Object.assign({}, ...trees) as Tree
}

const en = words('en')
const fr = words('fr')
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
