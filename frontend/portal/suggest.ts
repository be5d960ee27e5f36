/** Articles that may answer a request while it is being written; what was typed is never touched. */
import { announce } from '../shared/a11y/announcer'
import { api, type Hit, whileTyping } from './articles'
import { openSheet } from './sheet'
import { make, t } from './text'

const PAUSE_MS = 300
const LEAST_WORDS = 3
const MOST = 3
const LONGEST = 1000

export function suggestWhileWriting(form: HTMLFormElement): void {
  const list = document.querySelector<HTMLElement>('[data-suggest-list]')
  if (!list) return
  const valueOf = (name: string): string =>
    form.querySelector<HTMLInputElement | HTMLTextAreaElement>(`[name=${name}]`)?.value ?? ''
  let shown = ''

  const ask = whileTyping(
    PAUSE_MS,
    () => {
      const text = `${valueOf('subject')} ${valueOf('body')}`.trim().slice(0, LONGEST)
      return text.split(/\s+/).length < LEAST_WORDS
        ? null
        : { path: 'articles/suggest/', query: { text } }
    },
    (hits) => {
      const some = (hits ?? []).slice(0, MOST)
      const now = some.map(({ id }) => id).join()
      // The same articles again: nothing moves and nothing is said.
      if (now === shown) return
      shown = now
      list.hidden = !some.length
      list.replaceChildren(make('h2', {}, t('suggestTitle')), make('ul', {}, ...some.map(card)))
      if (some.length) announce(t('suggestCount', { count: some.length }))
    },
  )

  function card(hit: Hit): HTMLElement {
    const read = make('button', { type: 'button', 'data-quiet': '' }, t('read'))
    read.setAttribute('aria-label', `${t('read')}: ${hit.title}`)
    read.onclick = () => void openSheet(hit.id, hit.title, hit.url, answered, api)
    return make(
      'li',
      { lang: hit.language },
      make('strong', {}, hit.title),
      make('p', {}, hit.passage || hit.excerpt),
      make('p', { 'data-actions': '' }, read),
    )
  }

  function answered(): void {
    const done = make('p', { 'data-notice': 'ok', tabindex: '-1' }, t('glad'))
    list!.replaceChildren(done)
    shown = 'answered'
    done.focus()
  }

  form.addEventListener('input', ask)
  ask()
}
