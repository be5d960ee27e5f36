import { beforeEach, expect, test, vi } from 'vitest'

import { differences } from '../shared/i18n/parity'
import { whileTyping } from './articles'
import { dropDraft, keepDraft, submitOnce } from './drafts'
import { words } from './text'

const KEY = 'guichet-draft:request'
const PAGE = `<form data-draft="request">
  <input type="hidden" name="csrf" value="c"><input name="subject"><textarea name="body"></textarea>
  <input type="password" name="secret"><div data-trap><input name="website"></div></form>`

function shown(): HTMLFormElement {
  document.body.innerHTML = PAGE
  const form = document.querySelector('form')!
  keepDraft(form)
  return form
}

function type(form: HTMLFormElement, name: string, value: string): void {
  const field = form.querySelector<HTMLInputElement>(`[name=${name}]`)!
  field.value = value
  field.dispatchEvent(new Event('input', { bubbles: true }))
}

const valueOf = (form: HTMLFormElement, name: string): string =>
  form.querySelector<HTMLInputElement>(`[name=${name}]`)!.value

beforeEach(() => sessionStorage.clear())

test('what was typed comes back after a reload', () => {
  type(shown(), 'body', 'Ma carte est refusée')
  expect(valueOf(shown(), 'body')).toBe('Ma carte est refusée')
})

test('a field that the server has filled is left as it is', () => {
  type(shown(), 'subject', 'old')
  document.body.innerHTML = PAGE
  const form = document.querySelector('form')!
  form.querySelector<HTMLInputElement>('[name=subject]')!.value = 'from the server'
  keepDraft(form)
  expect(valueOf(form, 'subject')).toBe('from the server')
})

test('passwords, hidden and trap fields are not kept', () => {
  const form = shown()
  for (const name of ['secret', 'website', 'subject']) type(form, name, 'x')
  expect(JSON.parse(sessionStorage.getItem(KEY)!)).toEqual({ subject: 'x' })
})

test('the draft is dropped once the form was accepted', () => {
  type(shown(), 'body', 'x')
  dropDraft('request')
  expect(sessionStorage.length).toBe(0)
})

test('a second submit while the first is under way is refused', () => {
  const form = shown()
  submitOnce(form)
  const submit = (): boolean => form.dispatchEvent(new Event('submit', { cancelable: true }))
  expect([submit(), submit()]).toEqual([true, false])
})

test('the newest question wins, after a pause', async () => {
  vi.useFakeTimers()
  const asked: string[] = []
  vi.stubGlobal('fetch', (url: string) => {
    asked.push(url)
    return Promise.resolve(new Response('{"results":[{"id":1}],"next":null,"previous":null}'))
  })
  let question = ''
  const answers: unknown[] = []
  const ask = whileTyping(
    300,
    () => ({ path: 'articles/', query: { q: question } }),
    (hits) => answers.push(hits),
  )
  for (question of ['r', 're', 'refund']) {
    ask()
    vi.advanceTimersByTime(200)
  }
  await vi.advanceTimersByTimeAsync(300)
  vi.useRealTimers()
  vi.unstubAllGlobals()
  expect(asked).toEqual(['/api/v1/articles/?q=refund&language=en'])
  expect(answers).toEqual([[{ id: 1 }]])
})

test('English and French say the same', () => {
  expect(differences(words.en, words.fr)).toEqual([])
})
