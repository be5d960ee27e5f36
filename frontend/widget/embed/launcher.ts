/** Draws the button, opens the panel, and is the only door between the host page and the frame. */
import type { FromFrame, HostState, PageHint, Prefill, View } from '../protocol'
import { labelsOf, languageOf } from './config'
import type { LoaderConfig } from './config'
import { inlineRules, rules } from './style'

/** What the host page's storage holds, once a conversation exists. */
interface Kept {
  handle: string
  /** When it was last used: forgotten after thirty days. */
  at: number
  open: boolean
}

/** The build for pages that show the frame in a part of their own. */
declare const __INLINE__: boolean
const INLINE = typeof __INLINE__ === 'boolean' && __INLINE__

const MONTH = 30 * 864e5
const PATIENCE = 12e3

export function makeLauncher(config: LoaderConfig) {
  const page = document
  const { origin } = new URL(config.base)
  const key = `guichet:${config.site}`
  const language = languageOf(page.documentElement.lang, config.language, navigator.language)
  const labels = labelsOf(config, language)
  const small = matchMedia('(max-width:600px)')
  const listeners: Record<string, ((detail: unknown) => void)[]> = {}
  const state: HostState = {
    guichet: 1,
    calls: 0,
    logouts: 0,
  }
  let frame: HTMLIFrameElement | undefined
  let ready = false
  let unread = 0

  function make<K extends keyof HTMLElementTagNameMap>(name: K, parent: Node, attributes: object) {
    const element = Object.assign(page.createElement(name), attributes)
    parent.appendChild(element)
    return element
  }

  const spot = INLINE && page.querySelector('[data-help-inline]')
  const host = page.createElement('guichet-help')
  const shadow = host.attachShadow({ mode: 'open' })
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(rules(config) + (spot ? inlineRules : ''))
  shadow.adoptedStyleSheets = [sheet]

  const button = make('button', shadow, {
    hidden: config.hidden,
    ariaHasPopup: 'dialog',
    onclick: () => (state.shown ? close() : open('', button)),
    onpointerenter: load,
    onfocus: load,
  })
  let opener: HTMLElement = button
  make('i', button, {})
  const label = make('span', button, {})
  const badge = make('b', button, {})

  // Under the frame lies what is left to use when the frame cannot be shown.
  const panel = make('dialog', shadow, { ariaLabel: labels.title })
  make('a', panel, {
    href: `${config.base}/${language}/contact/`,
    target: '_blank',
    textContent: labels.write,
  })
  make('button', panel, { textContent: labels.close, onclick: close })

  function draw() {
    const shown = !!state.shown
    button.ariaExpanded = `${shown}`
    label.textContent = shown ? labels.close : labels.open
    button.ariaLabel = label.textContent + (shown || !unread ? '' : `, ${labels.unread} ${unread}`)
    badge.textContent = `${unread}`
    badge.hidden = shown || !unread
  }

  function read(): Kept | null {
    try {
      const kept = JSON.parse(localStorage.getItem(key)!) as Kept | null
      return kept && kept.at > Date.now() - MONTH ? kept : null
    } catch {
      return null
    }
  }

  /** An empty handle erases. Without storage the conversation lives as long as the page. */
  function keep(handle = read()?.handle) {
    try {
      if (handle)
        localStorage.setItem(
          key,
          JSON.stringify({ handle, at: Date.now(), open: !spot && state.shown }),
        )
      else if (handle === '') localStorage.removeItem(key)
    } catch {
      // Storage is closed to us.
    }
  }

  function emit(name: string, detail?: unknown) {
    // Later, so that a fault of the page's own stays its own.
    for (const listener of listeners[name] || []) setTimeout(listener, 0, detail)
  }

  /** The frame gets all we know, and nobody else: the origin is exact. */
  function tell() {
    if (!ready) return
    state.resume = state.identity ? '' : read()?.handle
    state.phone = small.matches
    frame!.contentWindow!.postMessage(state, origin)
    state.view = ''
  }

  /** Asked for by a hover, a focus, a click, or an earlier conversation: never before. */
  function load() {
    // The fragment stays in the browser: it names the only origin the frame will talk to.
    frame ||= make('iframe', panel, {
      title: labels.title,
      src: `${config.base}/w/${config.site}/?lang=${language}#${location.origin}`,
    })
  }

  function place() {
    panel.close()
    // No show(): it would take the focus even when the panel opens by itself.
    if (state.shown) {
      if (!spot && small.matches) panel.showModal()
      else panel.open = true
    }
    fit()
    draw()
    keep()
    tell()
  }

  /** On a phone the panel ends where the keyboard begins. */
  function fit() {
    const seen = !spot && small.matches && visualViewport
    panel.style.height = seen ? `${seen.height}px` : ''
    panel.style.top = seen ? `${seen.offsetTop}px` : ''
  }

  function open(view: View | '' = '', from = page.activeElement as HTMLElement | null, asked = 1) {
    load()
    // The page's body and our host element cannot take the focus back.
    if (!state.shown) opener = from && from.tabIndex >= 0 ? from : button
    state.shown = true
    state.view = view
    state.calls += asked
    place()
    if (asked) frame!.focus()
    if (spot && asked) host.scrollIntoView({ block: 'nearest' })
    setTimeout(() => ready || (frame!.hidden = true), PATIENCE)
    emit('open')
  }

  function close() {
    if (spot || !state.shown) return
    state.shown = false
    place()
    opener.focus()
    emit('close')
  }

  addEventListener('message', ({ data: message, origin: from, source }: MessageEvent) => {
    if (from !== origin || !source || source !== frame?.contentWindow) return
    take(message as FromFrame)
  })

  function take(message: FromFrame) {
    if (message?.guichet !== 1) return
    if (message.do === 'ready') {
      ready = true
      frame!.className = 'on'
      frame!.hidden = false
      tell()
    } else if (message.do === 'close') close()
    else if (message.do === 'keep') keep(message.handle)
    else if (message.do === 'unread') {
      unread = message.count
      draw()
      emit('unread', unread)
    } else if (message.do === 'emit') emit(message.name, message.detail)
  }

  page.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !event.defaultPrevented) close()
  })
  page.addEventListener('click', (event) => {
    const from = (event.target as Element).closest<HTMLElement>('[data-help-open]')
    if (!from || event.defaultPrevented || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    open(from.dataset.helpOpen as View, from)
  })
  panel.oncancel = (event) => {
    event.preventDefault()
    close()
  }
  small.onchange = place
  visualViewport?.addEventListener('resize', fit)

  draw()
  ;(spot || page.body).append(host)
  const kept = read()
  if (spot) {
    state.inline = true
    // Nothing is fetched for who never comes down to it.
    new IntersectionObserver(([entry], observer) => {
      if (!entry!.isIntersecting) return
      observer.disconnect()
      open('', button, 0)
    }).observe(host)
  } else if (kept) {
    // Safari has no idle callback.
    const idle = window.requestIdleCallback || setTimeout
    idle(() => (kept.open && !small.matches ? open('', button, 0) : load()))
  }

  return {
    open: (view?: View) => open(view),
    close,
    identify(jwt: string) {
      state.identity = `${jwt}`
      tell()
    },
    logout() {
      // The frame keeps unsent lines on its own origin: it has to come and erase them.
      if (read()) load()
      state.identity = ''
      state.prefill = undefined
      state.logouts++
      unread = 0
      keep('')
      draw()
      tell()
    },
    page(where: string | PageHint) {
      state.page = typeof where === 'string' ? { url: where } : where
      tell()
    },
    prefill(values: Prefill) {
      state.prefill = values
      tell()
    },
    on(name: string, listener: (detail: unknown) => void) {
      ;(listeners[name] ||= []).push(listener)
    },
  }
}
