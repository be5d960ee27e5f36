import { expect, test, vi } from 'vitest'

import type { Shared } from './shapes'
import { Sharing } from './sharing'

const BIKES = { url: 'https://shop.example/bikes', title: 'Bikes' }
const BRAKES = { url: 'https://shop.example/brakes' }

/** A server that keeps the trail while the visitor agrees, and can be out of reach. */
function made() {
  const server = { told: [] as object[], trail: [] as Shared['trail'], isAway: false }
  const post = vi.fn((_path: string, body: { consent: boolean; page?: string; title?: string }) => {
    if (server.isAway) return Promise.reject(new Error('away'))
    server.told.push(body)
    const step = { page: body.page ?? '', title: body.title ?? '', at: '2026-11-22T08:00:00Z' }
    server.trail = body.consent ? [...server.trail, step] : []
    return Promise.resolve({ page_shared: body.consent, trail: server.trail })
  })
  const sharing = new Sharing((work) => work({ post } as never))
  return { sharing, server }
}

test('no page is told before the visitor has agreed', () => {
  const { sharing, server } = made()
  sharing.follow(BIKES)
  expect(server.told).toEqual([])
  expect(sharing.state).toEqual({ on: false, trail: [] })
})

test('once he agrees, the next pages follow, each told once', async () => {
  const { sharing, server } = made()
  await sharing.show(BIKES)
  sharing.follow(BIKES)
  sharing.follow(BRAKES)
  await vi.waitFor(() => expect(sharing.state.trail.length).toBe(2))
  expect(server.told).toEqual([
    { consent: true, page: BIKES.url, title: 'Bikes' },
    { consent: true, page: BRAKES.url, title: '' },
  ])
  expect(sharing.state.trail.map(({ page }) => page)).toEqual([BIKES.url, BRAKES.url])
})

test('he takes it back: nothing is shown, and no page follows', async () => {
  const { sharing, server } = made()
  await sharing.show(BIKES)
  await sharing.stop()
  sharing.follow(BRAKES)
  expect(server.told.at(-1)).toEqual({ consent: false })
  expect(sharing.state).toEqual({ on: false, trail: [] })
})

test('a page that could not be told is told again', async () => {
  const { sharing, server } = made()
  await sharing.show(BIKES)
  server.isAway = true
  await expect(sharing.show(BRAKES)).rejects.toThrow('away')
  server.isAway = false
  await sharing.show(BRAKES)
  expect(sharing.state.trail.map(({ page }) => page)).toEqual([BIKES.url, BRAKES.url])
})
