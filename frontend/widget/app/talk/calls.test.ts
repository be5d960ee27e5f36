import { expect, test } from 'vitest'

import { type Callback, Calls } from './calls'

const call = (id: number, state: Callback['state']) => ({ id, state, version: 1 }) as Callback

/** The server's list of the visitor's calls, the newest first. */
function made(...results: Callback[]) {
  const server = { results }
  const calls = new Calls((work) => work({ get: () => Promise.resolve(server) } as never))
  return { calls, server }
}

test('the call under way is the current one, whatever came after it', async () => {
  const { calls } = made(call(3, 'cancelled'), call(2, 'waiting'), call(1, 'reached'))
  await calls.refresh()
  expect(calls.current?.id).toBe(2)
})

test('calls that were over before are none', async () => {
  const { calls } = made(call(2, 'cancelled'), call(1, 'reached'))
  await calls.refresh()
  expect(calls.current).toBeNull()
})

test('a call that ends while it is known stays, with how it ended', async () => {
  const { calls, server } = made(call(2, 'waiting'))
  await calls.refresh()
  server.results = [call(2, 'missed')]
  await calls.refresh()
  expect(calls.current?.state).toBe('missed')
})
