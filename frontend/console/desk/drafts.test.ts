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
  server = { reply: '', note: '', cc: null }
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
  expect(draft.text).toEqual({ reply: 'Bonjour', note: 'secret', cc: null })
})

test('typing is kept here at once and on the server every two seconds', async () => {
  const draft = keeper()
  draft.set('reply', 'B')
  expect(JSON.parse(localStorage.getItem('guichet.draft.1.42')!)).toMatchObject({ reply: 'B' })
  await vi.advanceTimersByTimeAsync(1500)
  draft.set('reply', 'Bo')
  expect(saves).toEqual([])
  await vi.advanceTimersByTimeAsync(500)
  expect(saves).toEqual([{ reply: 'Bo', note: '', cc: null }])
})

test('a draft typed in another browser is there on opening', async () => {
  server = { reply: 'typed elsewhere', note: '', cc: null }
  const draft = keeper()
  await draft.open()
  expect(draft.text.reply).toBe('typed elsewhere')
})

test('text that the server never accepted wins over the server on reload', async () => {
  broken = true
  keeper().set('note', 'typed in the train')
  await vi.advanceTimersByTimeAsync(2000)
  broken = false
  server = { reply: 'old', note: '', cc: null }
  const reloaded = keeper()
  await reloaded.open()
  expect(reloaded.text).toEqual({ reply: '', note: 'typed in the train', cc: null })
  await vi.advanceTimersByTimeAsync(2000)
  expect(server).toEqual({ reply: '', note: 'typed in the train', cc: null })
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
  server = { reply: 'old', note: '', cc: null }
  const draft = keeper()
  const opening = draft.open()
  draft.set('reply', 'new')
  await opening
  expect(draft.text.reply).toBe('new')
})

test('who shall be in copy survives a reload with the words, or without any', async () => {
  const paul = [{ name: 'Paul Pote', address: 'paul@kunde.example' }]
  const draft = keeper()
  draft.set('cc', paul)
  expect(keeper().text).toEqual({ reply: '', note: '', cc: paul })
  await vi.advanceTimersByTimeAsync(2000)
  expect(server).toEqual({ reply: '', note: '', cc: paul })
  localStorage.clear()
  const elsewhere = keeper()
  await elsewhere.open()
  expect(elsewhere.text.cc).toEqual(paul)
  elsewhere.set('cc', null)
  await vi.advanceTimersByTimeAsync(2000)
  expect(server.cc).toBeNull()
  expect(localStorage.getItem('guichet.draft.1.42')).toBeNull()
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
