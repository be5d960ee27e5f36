import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { nextTick } from 'vue'

import { useSession } from '../app/session'
import { useOutbox } from './outbox'

/** The network: answers each call from a list, and remembers what was asked. */
type Answer = { status: number; body?: unknown } | 'down'
let answers: Answer[]
let asked: Record<string, unknown>[]

beforeEach(() => {
  vi.useFakeTimers()
  localStorage.clear()
  setActivePinia(createPinia())
  useSession().me = { id: 7, name: 'Alice', capabilities: [] } as never
  answers = []
  asked = []
  vi.stubGlobal('fetch', async (_url: string, init: RequestInit) => {
    if (init.method !== 'POST') return new Response('{"results":[],"next":null}')
    asked.push(JSON.parse(String(init.body)) as Record<string, unknown>)
    const answer = answers.shift() ?? { status: 201, body: {} }
    if (answer === 'down') throw new TypeError('network')
    return new Response(JSON.stringify(answer.body ?? {}), { status: answer.status })
  })
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const settle = () => vi.advanceTimersByTimeAsync(0)
const line = (body: string) => ({
  ticket: 12,
  kind: 'public' as const,
  body,
  attachments: [],
  last_seen_seq: 4,
})
const stored = (seq: number) => ({ status: 201, body: { seq, body: '', attachments: [] } })

test('what was stored leaves the outbox', async () => {
  const outbox = useOutbox()
  answers = [stored(5)]
  outbox.send(line('Bonjour'))
  expect(outbox.items).toHaveLength(1)
  await settle()
  expect(outbox.items).toEqual([])
  expect(asked[0]).toMatchObject({ kind: 'public', body: 'Bonjour', last_seen_seq: 4 })
})

test('a line that could not go keeps its text and goes again under the same id', async () => {
  const outbox = useOutbox()
  answers = ['down', stored(5)]
  outbox.send(line('Bonjour'))
  await settle()
  expect(outbox.items[0]).toMatchObject({ state: 'failed', unreached: true, body: 'Bonjour' })
  outbox.retryUnreached()
  await settle()
  expect(outbox.items).toEqual([])
  expect(asked[1]?.origin_id).toBe(asked[0]?.origin_id)
})

test('lines leave in the order in which they were typed', async () => {
  const outbox = useOutbox()
  answers = ['down', stored(5), stored(6)]
  outbox.send(line('one'))
  outbox.send(line('two'))
  await settle()
  outbox.retryUnreached()
  await settle()
  await settle()
  expect(asked.map((call) => call.body)).toEqual(['one', 'one', 'two'])
  expect(outbox.items).toEqual([])
})

test('when somebody wrote in between nothing is sent and the text waits for a decision', async () => {
  const outbox = useOutbox()
  answers = [{ status: 409, body: { code: 'unseen_messages', unseen: [5] } }]
  outbox.send(line('Too late?'))
  await settle()
  expect(outbox.items).toEqual([])
  expect(outbox.stopped[12]?.item.body).toBe('Too late?')
  expect(outbox.decide(12)?.item.body).toBe('Too late?')
  expect(outbox.stopped[12]).toBeUndefined()
})

test('a refusal is shown with its reason and is not repeated by itself', async () => {
  const outbox = useOutbox()
  answers = [{ status: 400, body: { code: 'invalid', fields: { body: ['Too long.'] } } }]
  outbox.send(line('x'))
  await settle()
  expect(outbox.items[0]).toMatchObject({ state: 'failed', unreached: false, error: 'Too long.' })
  outbox.retryUnreached()
  await settle()
  expect(asked).toHaveLength(1)
})

test('unsent lines survive a reload, and only their author sends them', async () => {
  answers = ['down']
  useOutbox().send(line('typed in a tunnel'))
  await settle()
  await nextTick()
  setActivePinia(createPinia())
  useSession().me = { id: 8, name: 'Bob', capabilities: [] } as never
  const reloaded = useOutbox()
  reloaded.retryUnreached()
  await settle()
  expect(asked).toHaveLength(1)
  useSession().me = { id: 7, name: 'Alice', capabilities: [] } as never
  answers = [stored(5)]
  reloaded.retryUnreached()
  await settle()
  expect(asked).toHaveLength(2)
  expect(reloaded.items).toEqual([])
})
