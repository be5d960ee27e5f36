import { expect, test } from 'vitest'

import { fitting, placed, room } from './places'

test('a chat is never narrower than can be read, and four are the most', () => {
  expect([300, 675, 676, 900, 1008, 1340, 3000].map(fitting)).toEqual([1, 1, 2, 2, 3, 4, 4])
})

test('two by two shows four as soon as two fit beside each other', () => {
  expect([room('grid', 500), room('grid', 700), room('side', 700), room('one', 3000)]).toEqual([
    1, 4, 2, 1,
  ])
})

test('the active chat is always on screen, the others keep their places', () => {
  const chats = [1, 2, 3, 4, 5].map((id) => ({ id }))
  expect(placed(chats, chats[1], 3).map(({ id }) => id)).toEqual([1, 2, 3])
  expect(placed(chats, chats[4], 3).map(({ id }) => id)).toEqual([1, 2, 5])
  expect(placed([], undefined, 3)).toEqual([])
})
