import { expect, test } from 'vitest'
import { nextTick, ref } from 'vue'

import { arrange, settle, useHeldList } from './heldList'

const rowsOf = (...ids: number[]) => ids.map((id) => ({ id }))

test('while held, arrivals wait and nothing moves', () => {
  expect(arrange([3, 2, 1], [5, 4, 1, 3, 2])).toEqual({ order: [3, 2, 1], waiting: 2 })
})

test('while held, a further page is appended', () => {
  expect(arrange([3, 2], [3, 2, 1, 0])).toEqual({ order: [3, 2, 1, 0], waiting: 0 })
})

test('an empty list takes what comes, held or not', () => {
  expect(arrange([], [2, 1])).toEqual({ order: [2, 1], waiting: 0 })
})

test('the open row keeps its place when it leaves the view', () => {
  expect(settle([3, 2, 1], [3, 1], 2)).toEqual([3, 2, 1])
  expect(settle([3, 2, 1], [3, 1], null)).toEqual([3, 1])
})

test('a held list shows the pill and moves when released', async () => {
  const latest = ref(rowsOf(2, 1))
  const held = ref(false)
  const list = useHeldList(latest, held, ref(null))
  held.value = true
  await nextTick()
  latest.value = rowsOf(3, 1, 2)
  await nextTick()
  expect(list.rows.value.map((row) => row.item.id)).toEqual([2, 1])
  expect(list.waiting.value).toBe(1)
  held.value = false
  await nextTick()
  expect(list.rows.value.map((row) => row.item.id)).toEqual([3, 1, 2])
  expect(list.waiting.value).toBe(0)
})

test('a held row that left the view stays, marked as gone', async () => {
  const latest = ref(rowsOf(2, 1))
  const held = ref(true)
  const list = useHeldList(latest, held, ref(null))
  latest.value = rowsOf(1)
  await nextTick()
  expect(list.rows.value).toEqual([
    { item: { id: 2 }, gone: true },
    { item: { id: 1 }, gone: false },
  ])
})

test('the pill applies while still held', async () => {
  const latest = ref(rowsOf(1))
  const held = ref(true)
  const list = useHeldList(latest, held, ref(null))
  latest.value = rowsOf(2, 1)
  await nextTick()
  list.apply()
  expect(list.rows.value.map((row) => row.item.id)).toEqual([2, 1])
})

test('another view forgets the old rows', async () => {
  const latest = ref(rowsOf(2, 1))
  const list = useHeldList(latest, ref(true), ref(null))
  list.reset()
  latest.value = rowsOf(9)
  await nextTick()
  expect(list.rows.value.map((row) => row.item.id)).toEqual([9])
})
