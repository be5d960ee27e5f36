import { expect, test } from 'vitest'

import type { Attachment } from '@shared/api/types'

import { mailPage, shownInline } from './mailPage'

const file = (name: string, content_id = ''): Attachment => ({
  id: name,
  name,
  size: 10,
  type: 'image/png',
  url: `/files/${name}`,
  content_id,
})
const wish = { files: [] as Attachment[], newest: '', foldLabel: 'Earlier', remote: null }

test('an inline picture is shown from our own file, by the id that the mail gave it', () => {
  const files = [file('logo.png', '<a1@x>')]
  const page = mailPage('<p>Hi <img src="cid:a1@x"></p>', { ...wish, files })
  expect(page.html).toBe('<p>Hi <img src="/files/logo.png" alt="logo.png"></p>')
  expect(shownInline('<img src="cid:a1@x">', files)).toEqual(new Set(['logo.png']))
})

test('an inline picture that is not there leaves no address behind', () => {
  expect(mailPage('<img src="cid:gone">', wish).html).toBe('<img alt="">')
})

test('remote pictures are counted and stay off until they are asked for', () => {
  const html = '<img data-remote-src="https://a/1"><img data-remote-src="https://a/2">'
  expect(mailPage(html, wish).held).toBe(2)
  expect(mailPage(html, wish).html).not.toContain(' src=')
  const shown = mailPage(html, { ...wish, remote: (n) => `/images/${n}/` })
  expect(shown.held).toBe(0)
  expect(shown.html).toContain('src="/images/1/"')
})

test('what follows the newest words is folded, whatever mark-up stands between', () => {
  const html =
    '<div>Bonjour,<br>c’est <b>urgent</b>.</div><div>Le 3 nov. Léa a écrit :</div><blockquote>Alt</blockquote>'
  const page = mailPage(html, { ...wish, newest: "Bonjour,\nc'est urgent." })
  expect(page.isFolded).toBe(true)
  expect(page.html).toMatch(/^<div>Bonjour,<br>c’est <b>urgent<\/b>\.<\/div>/)
  expect(page.html).toContain('<summary>Earlier</summary>')
  expect(page.html.indexOf('Léa a écrit')).toBeGreaterThan(page.html.indexOf('<details>'))
})

test('nothing is folded when the page does not begin with the newest words, or ends with them', () => {
  expect(mailPage('<p>One</p><p>Two</p>', { ...wish, newest: 'Two' }).isFolded).toBe(false)
  expect(mailPage('<p>One</p><p>Two</p>', { ...wish, newest: 'One\n\nTwo' }).isFolded).toBe(false)
  expect(mailPage('<p>One</p>', wish).html).toBe('<p>One</p>')
})
