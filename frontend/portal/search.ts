/** Search as you type on the help pages: plain links under the field; Enter still goes to the results page. */
import { announce } from '../shared/a11y/announcer'
import { whileTyping } from './articles'
import { make, t } from './text'

const PAUSE_MS = 200
const LEAST = 2
const MOST = 6

export function searchAsYouType(form: HTMLFormElement): void {
  const input = form.querySelector<HTMLInputElement>('[name=q]')
  if (!input) return
  const box = make('div', { 'data-help-results': '', hidden: '' })
  form.append(box)
  let asked = ''

  const ask = whileTyping(
    PAUSE_MS,
    () => {
      asked = input.value.trim()
      return asked.length < LEAST ? null : { path: 'articles/', query: { q: asked } }
    },
    (hits) => {
      box.hidden = !hits
      if (!hits) return
      const rows = hits
        .slice(0, MOST)
        .map((hit) =>
          make(
            'li',
            {},
            make(
              'a',
              { href: hit.url, lang: hit.language },
              make('strong', {}, hit.title),
              make('span', {}, hit.excerpt),
            ),
          ),
        )
      box.replaceChildren(rows.length ? make('ul', {}, ...rows) : make('p', {}, t('none')))
      announce(rows.length ? t('results', { count: rows.length }) : t('none'))
    },
  )

  input.addEventListener('input', ask)
  input.addEventListener('focus', () => {
    box.hidden = !box.childElementCount || input.value.trim() !== asked || asked.length < LEAST
  })
  form.addEventListener('keydown', (event) => {
    const links = [...box.querySelectorAll('a')]
    const at = links.indexOf(document.activeElement as HTMLAnchorElement)
    if (event.key === 'Escape' && !box.hidden) {
      box.hidden = true
      input.focus()
    } else if (event.key === 'ArrowDown' && !box.hidden && links.length)
      links[Math.min(at + 1, links.length - 1)]!.focus()
    else if (event.key === 'ArrowUp' && at >= 0) (links[at - 1] ?? input).focus()
    else return
    event.preventDefault()
  })
  form.addEventListener('focusout', (event) => {
    if (!form.contains(event.relatedTarget as Node | null)) box.hidden = true
  })
  // A press on a link must not close the list before it is followed.
  box.addEventListener('mousedown', (event) => event.preventDefault())
}
