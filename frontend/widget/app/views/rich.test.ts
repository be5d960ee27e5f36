import { mount } from '@vue/test-utils'
import { expect, test, vi } from 'vitest'

import { RichText } from './rich'

const drawn = (html: string, open = vi.fn()) => mount(RichText, { props: { html, open } })

test('plain article markup is drawn as it is', () => {
  const html = '<h2>When</h2><p>After <strong>3</strong> days.</p><ol><li>One</li></ol>'
  expect(drawn(html).html({ raw: true })).toBe(`<div class="prose">${html}</div>`)
})

test('scripts, handlers and unknown addresses do not survive', () => {
  const wrapper = drawn(
    '<p onclick="x()">a<script>x()</script><a href="javascript:x()">b</a><iframe src="//e"></iframe><font style="x">c</font></p>',
  )
  expect(wrapper.html({ raw: true }).replaceAll('<!---->', '')).toBe(
    '<div class="prose"><p>a<a target="_blank" rel="noopener noreferrer">b</a>c</p></div>',
  )
})

test('a link to another article opens it here', async () => {
  const open = vi.fn()
  await drawn('<a href="/fr/help/delais-de-remboursement-12/">x</a>', open)
    .get('a')
    .trigger('click')
  expect(open.mock.calls).toEqual([[12]])
})
