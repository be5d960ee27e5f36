/** What another supervisor does to the rule book meanwhile: told at once, never put over what is typed here. */
import { ref, watch } from 'vue'

import { type RulesNews, useLive } from '../../app/live'

interface Book {
  me: number
  /** The draft that this screen shows. */
  revision: () => number
  /** Whether something was typed since the screen was opened. */
  hasTyped: () => boolean
  isSaved: () => boolean
  reload: () => Promise<void>
  /** Show theirs; ours stays one step back. */
  giveWay: () => Promise<void>
}

export interface Told {
  news: RulesNews
  /** The list on this screen is the new one already. */
  isShown: boolean
}

export function useRulesNews(book: Book) {
  const live = useLive()
  const told = ref<Told | null>(null)

  watch(
    () => live.rulesNews,
    (news) => {
      if (news) void heard(news)
    },
  )

  async function heard(news: RulesNews): Promise<void> {
    if (news.what === 'draft' && news.revision === book.revision()) return
    if (news.by.id === book.me) {
      // This window knows what it did; another one of the same person reads it again.
      if (book.isSaved()) await book.reload()
      return
    }
    const isShown = book.isSaved() && !book.hasTyped()
    if (isShown) await book.reload()
    told.value = { news, isShown }
  }

  async function look(): Promise<void> {
    if (book.isSaved()) await book.reload()
    else await book.giveWay()
    told.value = null
  }

  return { told, look, dismiss: () => (told.value = null) }
}
