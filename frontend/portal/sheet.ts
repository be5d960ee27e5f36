/** Reads an article beside the form, so that the form stays where it is. */
import type { ApiClient } from '../shared/api/client'
import type { Article } from '../shared/api/types'
import { make, t } from './text'

/** The server has sanitised the HTML; parsed apart, scripts in it would not run either. */
function content(html: string): DocumentFragment {
  const parsed = new DOMParser().parseFromString(html, 'text/html')
  for (const bad of parsed.querySelectorAll('script,style,iframe,object,embed,form')) bad.remove()
  const fragment = document.createDocumentFragment()
  fragment.append(...parsed.body.childNodes)
  // A head cell without words heads nothing.
  for (const cell of fragment.querySelectorAll('th:empty')) cell.replaceWith(make('td'))
  for (const link of fragment.querySelectorAll('a')) {
    link.target = '_blank'
    link.rel = 'noopener'
  }
  return fragment
}

export async function openSheet(
  id: number,
  title: string,
  url: string,
  answered: () => void,
  api: ApiClient,
): Promise<void> {
  const heading = make('h2', { id: 'sheet-title', tabindex: '-1' }, title)
  const close = make('button', { type: 'button', 'data-quiet': '' }, t('close'))
  const body = make('div', { 'data-prose': '' })
  const yes = make('button', { type: 'button' }, t('answered'))
  const back = make('button', { type: 'button', 'data-quiet': '' }, t('back'))
  const page = make('a', { href: url, target: '_blank', rel: 'noopener' }, t('openPage'))
  const sheet = make(
    'dialog',
    { 'data-sheet': '', 'aria-labelledby': 'sheet-title' },
    make('header', {}, heading, close),
    body,
    make('p', { 'data-actions': '' }, yes, back, page),
  )
  document.body.append(sheet)
  close.onclick = back.onclick = () => sheet.close()
  yes.onclick = () => {
    sheet.close()
    answered()
  }
  // The browser gives the focus back to the button that opened it.
  sheet.onclose = () => sheet.remove()
  sheet.showModal()
  heading.focus()
  try {
    const article = await api.get<Article>(`articles/${id}/`)
    body.lang = article.language
    body.replaceChildren(content(article.body_html))
  } catch {
    body.replaceChildren(make('p', { 'data-notice': 'bad' }, t('failed')))
  }
}
