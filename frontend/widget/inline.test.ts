import { afterEach, beforeEach, expect, test, vi } from 'vitest'

const DESK = 'https://desk.example'
let comeIntoView: () => void
let disconnected: number

/** The build for pages that show the frame in a part of their own. */
beforeEach(() => {
  vi.resetModules()
  vi.stubGlobal('__INLINE__', true)
  vi.stubGlobal(
    'matchMedia',
    vi.fn(() => ({ matches: true })),
  )
  vi.stubGlobal(
    'CSSStyleSheet',
    class {
      replaceSync(): void {}
    },
  )
  vi.stubGlobal('visualViewport', null)
  disconnected = 0
  vi.stubGlobal(
    'IntersectionObserver',
    class {
      constructor(heard: (entries: object[], observer: object) => void) {
        comeIntoView = () => heard([{ isIntersecting: true }], this)
      }
      observe(): void {}
      disconnect(): void {
        disconnected += 1
      }
    },
  )
  HTMLDialogElement.prototype.close ??= function (this: HTMLDialogElement): void {
    this.open = false
  }
  localStorage.clear()
  document.documentElement.lang = 'fr'
  document.body.innerHTML = '<p><button id="own">x</button></p><div data-help-inline></div>'
})

afterEach(() => vi.unstubAllGlobals())

test('it stands in its place, loads when it comes into view, takes no focus and cannot be closed', async () => {
  const { makeLauncher } = await import('./embed/launcher')
  document.querySelector<HTMLElement>('#own')!.focus()
  const launcher = makeLauncher({ site: 'shop', base: DESK })
  const host = document.querySelector('[data-help-inline] > guichet-help')!
  const dialog = host.shadowRoot!.querySelector('dialog')!
  expect(host.shadowRoot!.querySelector('iframe')).toBeNull()

  comeIntoView()
  expect(disconnected).toBe(1)
  expect(host.shadowRoot!.querySelector('iframe')!.src).toBe(
    `${DESK}/w/shop/?lang=fr#${location.origin}`,
  )
  expect(dialog.open).toBe(true)
  expect(document.activeElement!.id).toBe('own')
  launcher.close()
  expect(dialog.open).toBe(true)
  expect(localStorage.length).toBe(0)
})
