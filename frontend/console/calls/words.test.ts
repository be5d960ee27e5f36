import { expect, test } from 'vitest'

import type { Call } from './calls'
import { stateOf } from './words'

const call = (given: Partial<Call>): Call =>
  ({ direction: 'in', state: 'ringing', answered_at: null, seconds: null, ...given }) as Call
const say = (given: Partial<Call>): string =>
  stateOf(
    call(given),
    (key) => key,
    (at) => `since ${at}`,
    (seconds) => `${seconds} s`,
  )

test('a call says where it stands and how long it has lasted', () => {
  expect(say({})).toBe('phone.state.in.ringing')
  expect(say({ state: 'answered', answered_at: 'nine' })).toBe(
    'phone.state.in.answered · since nine',
  )
  expect(say({ state: 'ended', direction: 'out', seconds: 74 })).toBe(
    'phone.state.out.ended · 74 s',
  )
  expect(say({ state: 'missed' })).toBe('phone.state.in.missed')
})
