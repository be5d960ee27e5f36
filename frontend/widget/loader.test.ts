import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { languageOf } from './embed/config'
import { makeLauncher } from './embed/launcher'
import { callsWaitingIn, makeApi } from './embed/queue'
import { rules } from './embed/style'

const DESK = 'https://desk.example'
const KEY = 'guichet:shop'

let undo: (() => void)[] = []

/** What one launcher listens to must not be heard by the next test's. */
function forgetListeners(target: Document | Window): void {
  const add = target.addEventListener.bind(target) as typeof document.addEventListener
  vi.spyOn(target, 'addEventListener').mockImplementation(((name: 'click', take: () => void) => {
    add(name, take)
    undo.push(() => target.removeEventListener(name, take))
  }) as never)
}

/** The parts of a browser that jsdom lacks. */
beforeEach(() => {
  forgetListeners(document)
  forgetListeners(window)
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
  vi.stubGlobal('visualViewport', null)
  vi.stubGlobal('requestIdleCallback', (work: () => void) => work())
  HTMLDialogElement.prototype.close ??= function (this: HTMLDialogElement): void {
    this.open = false
  }
  document.body.replaceChildren()
  document.documentElement.lang = 'fr'
  localStorage.clear()
})

afterEach(() => {
  undo.forEach((off) => off())
  undo = []
  vi.unstubAllGlobals()
})

/** A launcher with its parts, and its frame's window replaced by one that records. */
function launched() {
  const launcher = makeLauncher({ site: 'shop', base: DESK })
  const shadow = document.querySelector('guichet-help')!.shadowRoot!
  const frame = (): HTMLIFrameElement => shadow.querySelector('iframe')!
  const told: unknown[][] = []
  function answer(data: unknown, origin = DESK): void {
    const inner = { postMessage: (...args: unknown[]) => told.push(structuredClone(args)) }
    Object.defineProperty(frame(), 'contentWindow', { value: inner, configurable: true })
    const event = new MessageEvent('message', { data, origin })
    Object.defineProperty(event, 'source', { value: inner })
    window.dispatchEvent(event)
  }
  return { launcher, shadow, button: shadow.querySelector('button')!, frame, told, answer }
}

test('before the visitor acts there is a button, no frame, and nothing stored', () => {
  const { button, frame } = launched()
  expect(button.ariaLabel).toBe('Aide')
  expect(button.ariaExpanded).toBe('false')
  expect(button.ariaHasPopup).toBe('dialog')
  expect(frame()).toBeNull()
  expect(localStorage.length).toBe(0)
})

test('a click opens the frame with the language, and names our origin in the fragment', () => {
  const { button, frame, shadow } = launched()
  button.click()
  expect(frame().src).toBe(`${DESK}/w/shop/?lang=fr#${location.origin}`)
  expect(frame().title).toBe('Aide et messages')
  expect(shadow.querySelector('dialog')!.open).toBe(true)
  expect(button.ariaExpanded).toBe('true')
  expect(localStorage.length).toBe(0)
})

test('hovering loads the frame and opens nothing', () => {
  const { button, frame, shadow } = launched()
  button.dispatchEvent(new Event('pointerenter'))
  expect(frame()).not.toBeNull()
  expect(shadow.querySelector('dialog')!.open).toBe(false)
})

test('the frame is told only at the exact origin of the desk', () => {
  const { button, told, answer, launcher } = launched()
  launcher.identify('a.b.c')
  button.click()
  expect(told).toEqual([])
  answer({ guichet: 1, do: 'ready' })
  expect(told.map(([, origin]) => origin)).toEqual([DESK])
  expect(told[0]![0]).toMatchObject({ guichet: 1, identity: 'a.b.c', shown: true, calls: 1 })
})

test('messages of other origins, windows and widgets are not heard', () => {
  const { button, answer } = launched()
  button.click()
  answer({ guichet: 1, do: 'keep', handle: 'stolen' }, 'https://evil.example')
  answer({ guichet: 1, do: 'keep', handle: 'stolen' }, 'https://desk.example.evil.example')
  answer({ do: 'keep', handle: 'stolen' })
  answer(null)
  window.dispatchEvent(
    new MessageEvent('message', { origin: DESK, data: { guichet: 1, do: 'keep', handle: 'x' } }),
  )
  expect(localStorage.length).toBe(0)
})

test('the handle is kept for this site, and logout erases it', () => {
  const { button, answer, launcher, told } = launched()
  button.click()
  answer({ guichet: 1, do: 'ready' })
  answer({ guichet: 1, do: 'keep', handle: 'secret' })
  expect(JSON.parse(localStorage.getItem(KEY)!)).toMatchObject({ handle: 'secret', open: true })
  launcher.logout()
  expect(localStorage.length).toBe(0)
  expect(told.at(-1)![0]).toMatchObject({ logouts: 1 })
  expect((told.at(-1)![0] as { resume?: string }).resume).toBeUndefined()
})

test('a visitor with a conversation gets his frame at idle and an open panel back', () => {
  localStorage.setItem(KEY, JSON.stringify({ handle: 'h', at: Date.now(), open: true }))
  const { frame, shadow, told, answer } = launched()
  expect(frame()).not.toBeNull()
  expect(shadow.querySelector('dialog')!.open).toBe(true)
  answer({ guichet: 1, do: 'ready' })
  // It opened by itself: the focus stays where it was.
  expect(told[0]![0]).toMatchObject({ resume: 'h', shown: true, calls: 0 })
})

test('a handle older than thirty days is not used', () => {
  const at = Date.now() - 31 * 864e5
  localStorage.setItem(KEY, JSON.stringify({ handle: 'h', at, open: true }))
  expect(launched().frame()).toBeNull()
})

test('an identified visitor is not told the handle', () => {
  localStorage.setItem(KEY, JSON.stringify({ handle: 'h', at: Date.now(), open: false }))
  const { launcher, told, answer } = launched()
  launcher.identify('a.b.c')
  answer({ guichet: 1, do: 'ready' })
  expect(told[0]![0]).toMatchObject({ identity: 'a.b.c', resume: '' })
})

test('Escape closes and gives the focus back to the opener', () => {
  document.body.innerHTML = '<a href="/contact" data-help-open="chat">Une question ?</a>'
  const { shadow, frame, told, answer } = launched()
  const link = document.querySelector('a')!
  link.click()
  answer({ guichet: 1, do: 'ready' })
  expect(frame()).not.toBeNull()
  expect(told[0]![0]).toMatchObject({ view: 'chat', shown: true })
  document.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' }))
  expect(shadow.querySelector('dialog')!.open).toBe(false)
  expect(document.activeElement).toBe(link)
})

test('unread messages are named in words, on the button only', () => {
  const { button, shadow, answer } = launched()
  button.dispatchEvent(new Event('pointerenter'))
  answer({ guichet: 1, do: 'unread', count: 2 })
  expect(button.ariaLabel).toBe('Aide, nouveaux messages : 2')
  expect(shadow.querySelector('b')!.hidden).toBe(false)
  button.click()
  expect(button.ariaLabel).toBe('Fermer l’aide')
  expect(shadow.querySelector('b')!.hidden).toBe(true)
})

test('the page hears what it asked to hear', async () => {
  const { launcher, answer, button } = launched()
  const heard: unknown[] = []
  launcher.on('ticket', (detail) => heard.push(detail))
  button.click()
  answer({ guichet: 1, do: 'emit', name: 'ticket', detail: { number: 'G-1' } })
  await vi.waitFor(() => expect(heard).toEqual([{ number: 'G-1' }]))
})

test('calls made before the loader came are made in order, from either stub', () => {
  const made: unknown[][] = []
  const api = makeApi({ open: (...rest: unknown[]) => made.push(['open', ...rest]) })
  const stub = Object.assign(() => undefined, { q: [['open', 'chat']] })
  for (const waiting of [stub, [['open', 'form']], undefined, 3])
    for (const call of callsWaitingIn(waiting)) api.push(call)
  api('open', 'home')
  ;(api.open as (view: string) => void)('chat')
  expect(made).toEqual([
    ['open', 'chat'],
    ['open', 'form'],
    ['open', 'home'],
    ['open', 'chat'],
  ])
})

test('an unknown verb does nothing', () => {
  expect(makeApi({})('dance')).toBeUndefined()
})

test('the page says the language, then the site, then the browser', () => {
  expect(languageOf('en-GB', 'fr', 'fr')).toBe('en')
  expect(languageOf('', 'fr', 'en')).toBe('fr')
  expect(languageOf('de', undefined, 'fr-CA')).toBe('fr')
  expect(languageOf('', '', 'de')).toBe('en')
})

test('the look follows the configuration and holds no url', () => {
  const css = rules({ site: 's', base: DESK, color: '#0a7d55', position: 'left', x: 8 })
  expect(css).toContain('left:8px')
  expect(css).toContain('#0a7d55')
  expect(css).not.toContain('url(')
})
