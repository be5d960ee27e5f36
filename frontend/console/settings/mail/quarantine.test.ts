import { expect, test } from 'vitest'

import type { BulkResult, HeldMail, QuarantineVerb } from '@shared/api/mail'

import {
  actionsFor,
  allows,
  extended,
  summarise,
  toggled,
  wayBack,
  wayBackFrom,
} from './quarantine'

const mail = (id: number, ...can: QuarantineVerb[]): HeldMail => ({ id, can }) as HeldMail

test('what one of the chosen mails allows is offered, in one order', () => {
  expect(actionsFor([mail(1, 'delete'), mail(2, 'release', 'trust')])).toEqual([
    'release',
    'release_and_trust',
    'delete',
  ])
  expect(actionsFor([])).toEqual([])
  expect(allows(mail(1, 'trust'), 'release_and_trust')).toBe(true)
  expect(allows(mail(1, 'trust'), 'release')).toBe(false)
})

test('a release and a deletion have a way back, reading again needs none', () => {
  expect(wayBack('release_and_trust')).toBe('take_back')
  expect(wayBack('delete')).toBe('restore')
  expect(wayBack('reparse')).toBeNull()
  expect([wayBackFrom('ticket'), wayBackFrom('deleted')]).toEqual(['take_back', 'restore'])
  expect(wayBackFrom('duplicate')).toBeNull()
  expect(actionsFor([mail(1, 'take_back')])).toEqual(['take_back'])
})

test('a row is chosen and left again', () => {
  expect(toggled(new Set([1]), 2)).toEqual(new Set([1, 2]))
  expect(toggled(new Set([1]), 1)).toEqual(new Set())
})

test('extending adds everything between, upwards and downwards, and keeps what was chosen', () => {
  const order = [9, 7, 5, 3, 1]
  expect(extended(new Set([9]), order, 7, 3)).toEqual(new Set([9, 7, 5, 3]))
  expect(extended(new Set(), order, 3, 7)).toEqual(new Set([3, 5, 7]))
  expect(extended(new Set(), order, null, 5)).toEqual(new Set([5]))
  expect(extended(new Set(), order, 4, 5)).toEqual(new Set([5]))
})

test('what failed is told apart from what was done', () => {
  const results = [
    { id: 1, ok: true },
    { id: 2, ok: false, detail: 'Settled.' },
  ] as BulkResult[]
  expect(summarise(results)).toEqual({ done: [1], failed: [results[1]] })
})
