import { afterEach, expect, test, vi } from 'vitest'

import { ApiClient, ApiError } from './client'

/** A network that swallows what it is given: only an abort ends the waiting. */
function dead(_url: string, options: RequestInit): Promise<Response> {
  return new Promise((_resolve, reject) => {
    options.signal!.addEventListener('abort', () =>
      reject(new DOMException('The call was aborted', 'AbortError')),
    )
  })
}

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test('a call that is never answered has failed after half a minute', async () => {
  vi.useFakeTimers()
  vi.stubGlobal('fetch', dead)
  let failed: unknown
  new ApiClient().post('chat/session/messages/', {}).catch((error: unknown) => (failed = error))
  await vi.advanceTimersByTimeAsync(29_999)
  expect(failed).toBe(undefined)
  await vi.advanceTimersByTimeAsync(1)
  expect(failed).toBeInstanceOf(ApiError)
  expect((failed as ApiError).status).toBe(0)
})

test('a call that its caller gives up is no failure of the network', async () => {
  vi.stubGlobal('fetch', dead)
  const giveUp = new AbortController()
  const call = new ApiClient().get('tickets/', {}, giveUp.signal)
  giveUp.abort()
  await expect(call).rejects.toMatchObject({ name: 'AbortError' })
})

test('an answer ends the waiting', async () => {
  vi.useFakeTimers()
  vi.stubGlobal('fetch', () => Promise.resolve(new Response('{"id": 1}')))
  expect(await new ApiClient().get('tickets/1/')).toEqual({ id: 1 })
  expect(vi.getTimerCount()).toBe(0)
})
