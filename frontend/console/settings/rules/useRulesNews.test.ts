import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, test } from 'vitest'
import { effectScope, nextTick } from 'vue'

import { type RulesNews, useLive } from '../../app/live'
import { useRulesNews } from './useRulesNews'

beforeEach(() => setActivePinia(createPinia()))

const book = { typed: false, saved: true, reloads: 0, gaveWay: 0 }
const open = () => {
  Object.assign(book, { typed: false, saved: true, reloads: 0, gaveWay: 0 })
  return effectScope().run(() =>
    useRulesNews({
      me: 1,
      revision: () => 7,
      hasTyped: () => book.typed,
      isSaved: () => book.saved,
      reload: () => Promise.resolve(void (book.reloads += 1)),
      giveWay: () => Promise.resolve(void (book.gaveWay += 1)),
    }),
  )!
}
const hear = async (news: RulesNews) => {
  useLive().rulesNews = news
  await nextTick()
  await nextTick()
}
const alice = { id: 2, name: 'Alice' }

test('a screen on which nothing was typed shows what a colleague did, and says so', async () => {
  const news = open()
  await hear({ what: 'published', number: 3, by: alice })
  expect([news.told.value?.isShown, book.reloads]).toEqual([true, 1])
})

test('what is typed stays until one asks to see the other', async () => {
  const news = open()
  Object.assign(book, { typed: true, saved: false })
  await hear({ what: 'draft', revision: 8, by: alice })
  expect([news.told.value?.isShown, book.reloads, book.gaveWay]).toEqual([false, 0, 0])
  await news.look()
  expect([news.told.value, book.reloads, book.gaveWay]).toEqual([null, 0, 1])
})

test('one’s own saving is no news', async () => {
  const news = open()
  Object.assign(book, { typed: true })
  await hear({ what: 'draft', revision: 7, by: { id: 1, name: 'Me' } })
  expect([news.told.value, book.reloads]).toEqual([null, 0])
})
