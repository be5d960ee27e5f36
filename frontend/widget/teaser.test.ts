import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { tease } from './embed/teaser'

const CONFIG = {
  site: 'shop',
  base: 'https://desk.example',
  teaser: { fr: 'Une question ?' },
  after: 5,
}
let button: HTMLButtonElement
let root: ShadowRoot
const box = (): HTMLElement | null => root.querySelector('[role=status]')

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal(
    'matchMedia',
    vi.fn(() => ({ matches: false })),
  )
  vi.stubGlobal(
    'CSSStyleSheet',
    class {
      replaceSync(): void {}
    },
  )
  localStorage.clear()
  sessionStorage.clear()
  document.documentElement.lang = 'fr'
  const host = document.createElement('guichet-help')
  document.body.replaceChildren(host)
  root = host.attachShadow({ mode: 'open' })
  root.adoptedStyleSheets = []
  button = document.createElement('button')
  button.setAttribute('aria-haspopup', 'dialog')
  root.append(button)
})

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test('nothing before its time, then the words as a status, once in a visit', () => {
  tease(CONFIG)
  vi.advanceTimersByTime(4900)
  expect([box(), sessionStorage.length]).toEqual([null, 0])
  vi.advanceTimersByTime(300)
  expect(box()!.textContent).toBe('Une question ?×')
  box()!.remove()
  tease(CONFIG)
  vi.advanceTimersByTime(60_000)
  expect(box()).toBeNull()
})

test('only time before the visitor’s eyes counts', () => {
  const visible = vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden')
  tease(CONFIG)
  vi.advanceTimersByTime(60_000)
  expect(box()).toBeNull()
  visible.mockReturnValue('visible')
  vi.advanceTimersByTime(5100)
  expect(box()).not.toBeNull()
})

test('it opens nothing by itself; pressed, it presses the button', () => {
  const pressed = vi.fn()
  button.onclick = pressed
  tease(CONFIG)
  vi.advanceTimersByTime(5100)
  expect(pressed).not.toHaveBeenCalled()
  box()!.querySelector('button')!.click()
  expect(pressed).toHaveBeenCalledOnce()
})

test('dismissed, it stays away for good', () => {
  tease(CONFIG)
  vi.advanceTimersByTime(5100)
  const [, dismiss] = box()!.querySelectorAll('button')
  expect(dismiss!.ariaLabel).toBe('Masquer')
  dismiss!.click()
  expect(box()).toBeNull()
  sessionStorage.clear()
  tease(CONFIG)
  vi.advanceTimersByTime(60_000)
  expect(box()).toBeNull()
})

test.each([
  ['on a phone', () => vi.stubGlobal('matchMedia', () => ({ matches: true }))],
  ['with a conversation', () => localStorage.setItem('guichet:shop', '{}')],
  ['in a language without words', () => (document.documentElement.lang = 'en')],
  ['on a site without a button', () => (button.hidden = true)],
])('there is none %s', (_, arrange) => {
  arrange()
  tease(CONFIG)
  vi.advanceTimersByTime(60_000)
  expect([box(), sessionStorage.length]).toEqual([null, 0])
})
