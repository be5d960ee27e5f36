import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import type { Drafts } from '@shared/api/types'

import { DraftKeeper } from './drafts'

let server: Drafts
let saves: Drafts[]
let broken: boolean

const backend = {
  load: () => (broken ? Promise.reject(new Error('down')) : Promise.resolve({ ...server })),
  save: (drafts: Drafts) => {
    if (broken) return Promise.reject(new Error('down'))
    server = { ...drafts }
    saves.push(server)
    return Promise.resolve()
  },
}
const keeper = () => new DraftKeeper(1, 42, backend)

beforeEach(() => {
  vi.useFakeTimers()
  localStorage.clear()
  server = { reply: '', note: '' }
  saves = []
  broken = false
})
afterEach(() => {
  vi.useRealTimers()
})

test('reply and note never touch each other', () => {
  const draft = keeper()
  draft.set('reply', 'Bonjour')
  draft.set('note', 'secret')
  expect(draft.text).toEqual({ reply: 'Bonjour', note: 'secret' })
})

test('typing is kept here at once and on the server every two seconds', async () => {
  const draft = keeper()
  draft.set('reply', 'B')
  expect(JSON.parse(localStorage.getItem('guichet.draft.1.42')!)).toMatchObject({ reply: 'B' })
  await vi.advanceTimersByTimeAsync(1500)
  draft.set('reply', 'Bo')
  expect(saves).toEqual([])
  await vi.advanceTimersByTimeAsync(500)
  expect(saves).toEqual([{ reply: 'Bo', note: '' }])
})

test('a draft typed in another browser is there on opening', async () => {
  server = { reply: 'typed elsewhere', note: '' }
  const draft = keeper()
  await draft.open()
  expect(draft.text.reply).toBe('typed elsewhere')
})

test('text that the server never accepted wins over the server on reload', async () => {
  broken = true
  keeper().set('note', 'typed in the train')
  await vi.advanceTimersByTimeAsync(2000)
  broken = false
  server = { reply: 'old', note: '' }
  const reloaded = keeper()
  await reloaded.open()
  expect(reloaded.text).toEqual({ reply: '', note: 'typed in the train' })
  await vi.advanceTimersByTimeAsync(2000)
  expect(server).toEqual({ reply: '', note: 'typed in the train' })
})

test('while the server is away saving goes on', async () => {
  broken = true
  const draft = keeper()
  draft.set('reply', 'x')
  await vi.advanceTimersByTimeAsync(2000)
  broken = false
  await vi.advanceTimersByTimeAsync(2000)
  expect(server.reply).toBe('x')
})

test('leaving saves at once', async () => {
  const draft = keeper()
  draft.set('reply', 'half a sent')
  draft.close()
  await vi.advanceTimersByTimeAsync(0)
  expect(server.reply).toBe('half a sent')
})

test('typing before the server answered is not overwritten', async () => {
  server = { reply: 'old', note: '' }
  const draft = keeper()
  const opening = draft.open()
  draft.set('reply', 'new')
  await opening
  expect(draft.text.reply).toBe('new')
})

test('an emptied draft leaves nothing behind', async () => {
  const draft = keeper()
  draft.set('reply', 'x')
  await vi.advanceTimersByTimeAsync(2000)
  draft.set('reply', '')
  await vi.advanceTimersByTimeAsync(2000)
  expect(server.reply).toBe('')
  expect(localStorage.getItem('guichet.draft.1.42')).toBeNull()
})
