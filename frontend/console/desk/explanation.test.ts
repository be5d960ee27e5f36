import { expect, test } from 'vitest'

import {
  type Explanation,
  type Finding,
  held,
  spansOf,
  type Step,
  uniqueTerms,
} from './explanation'

const term = (text: string, start: number) => ({
  term: `${text}*`,
  text,
  start,
  end: start + text.length,
  how: 'wildcard',
})
const finding = (given: Partial<Finding>): Finding => ({
  field: 'text',
  op: 'words',
  expected: [],
  actual: '',
  matched: true,
  group: 'all',
  terms: [],
  ...given,
})
const step = (given: Partial<Step>): Step => ({
  rule: { id: 1, name: 'r', position: 1, version: 1 },
  matched: true,
  skipped: null,
  actions: {},
  conditions: [],
  ...given,
})

test('under “none” a condition is right when it fails, and under “none” of “none” when it holds', () => {
  expect(held(finding({ matched: true }))).toBe(true)
  expect(held(finding({ matched: true, group: 'none' }))).toBe(false)
  expect(held(finding({ matched: false, path: 'all.0.none.1' }))).toBe(true)
  expect(held(finding({ matched: true, path: 'none.0.none.1' }))).toBe(true)
})

test('only words that made a deciding rule hold are marked in the text', () => {
  const routing = {
    steps: [
      step({ conditions: [finding({ terms: [term('refund', 0)] })] }),
      step({ skipped: 'r', conditions: [finding({ terms: [term('late', 10)] })] }),
      step({ matched: false, conditions: [finding({ terms: [term('card', 20)] })] }),
      step({ shadow: true, conditions: [finding({ terms: [term('shade', 30)] })] }),
      step({ conditions: [finding({ field: 'attachments', terms: [term('pdf', 0)] })] }),
      step({ conditions: [finding({ group: 'none', matched: false })] }),
    ],
  } as unknown as Explanation
  expect(spansOf(routing).map((span) => span.text)).toEqual(['refund'])
})

test('each way of finding a word is told once', () => {
  const terms = [term('refund', 0), term('refund', 30), { ...term('refund', 60), how: 'stem' }]
  expect(uniqueTerms(terms).map((one) => one.how)).toEqual(['wildcard', 'stem'])
})
