/** Asks for articles while somebody types: the last question wins. */
import { ApiClient, type Page, type Query } from '../shared/api/client'
import type { ArticleHit } from '../shared/api/types'
import { locale } from './text'

export type Hit = ArticleHit & { passage?: string }

export const api = new ApiClient({ credentials: 'omit' })

/** Calls back after a pause, with the answer to the newest question only. */
export function whileTyping(
  pause: number,
  ask: () => { path: string; query: Query } | null,
  show: (hits: Hit[] | null) => void,
): () => void {
  let timer: number | undefined
  let running: AbortController | undefined

  async function run(): Promise<void> {
    running?.abort()
    const wanted = ask()
    if (!wanted) return show(null)
    const mine = (running = new AbortController())
    const query = { ...wanted.query, language: locale }
    try {
      const found = await api.get<Page<Hit> | Hit[]>(wanted.path, query, mine.signal)
      show(Array.isArray(found) ? found : found.results)
    } catch {
      // The form and the page work without.
      if (!mine.signal.aborted) show(null)
    }
  }

  return () => {
    clearTimeout(timer)
    timer = window.setTimeout(() => void run(), pause)
  }
}
