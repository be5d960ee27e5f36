/** Articles for what is typed; before a word, those for the page the visitor is on. */
import { computed, onMounted, ref, watch } from 'vue'

import { announce } from '../../../shared/a11y/announcer'
import type { Page } from '../../../shared/api/client'
import type { ArticleHit } from '../../../shared/api/types'
import { useWidget } from '../widget'

export type Hit = ArticleHit & { passage?: string }

const PAUSE_MS = 300
const MOST = 4
/** One letter is no question yet. */
const LEAST = 2

export function useSearch() {
  const { words, t, ui, api } = useWidget()
  const question = ref('')
  const hits = ref<Hit[]>([])
  /** The question that the hits answer; empty before one was asked. */
  const asked = ref('')
  const failed = ref(false)
  let timer: number | undefined
  let running: AbortController | null = null

  /** What the page is about, when the website has said so: then its articles come first. */
  const subject = computed(() => ui.page?.title ?? '')

  async function search(): Promise<void> {
    running?.abort()
    const { signal } = (running = new AbortController())
    const whole = question.value.trim()
    const typed = whole.length < LEAST ? '' : whole
    const text = typed || subject.value
    const [path, query] =
      text.split(/\s+/).length > 2 || (!typed && text)
        ? ['articles/suggest/', { text, language: words.locale }]
        : ['articles/', { q: text, language: words.locale, page_size: MOST }]
    try {
      const found = await api.get<Page<Hit> | Hit[]>(path, query, signal)
      hits.value = (Array.isArray(found) ? found : found.results).slice(0, typed ? MOST : 3)
      asked.value = typed
      failed.value = false
      if (typed)
        announce(hits.value.length ? t('found', { count: hits.value.length }) : t('foundNone'))
    } catch {
      if (signal.aborted) return
      hits.value = []
      asked.value = ''
      // What nobody asked for is not missed.
      failed.value = !!typed
    }
  }

  watch([question, () => words.locale, subject], ([text], [before]) => {
    clearTimeout(timer)
    timer = window.setTimeout(() => void search(), text === before ? 0 : PAUSE_MS)
  })
  onMounted(() => {
    watch(
      () => ui.shown,
      (shown) => {
        // Preloaded on hover: nothing is asked before the panel is open.
        if (shown && !hits.value.length) void search()
      },
      { immediate: true },
    )
  })
  return { question, hits, asked, failed, subject, search }
}
