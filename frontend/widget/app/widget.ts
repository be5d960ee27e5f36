/** What every view of the frame shares: the words, where we are, and the conversation once there is one. */
import { inject, type InjectionKey, provide, reactive, shallowRef, watch } from 'vue'

import { announce, prepareAnnouncer } from '../../shared/a11y/announcer'
import { ApiClient } from '../../shared/api/client'
import type { Locale } from '../../shared/i18n/format'
import type { HostState, PageHint, View } from '../protocol'
import { applyBrand } from './brand'
import { fetchChannels, unknown } from './channels'
import type { FrameConfig } from './config'
import { connectHost } from './host'
import { Keep } from './keep'
import type { Conversation } from './talk/conversation'
import type { Told } from './talk/shapes'
import type { Words } from './words'

export type Screen =
  | { name: 'home' | 'chat' | 'form' | 'privacy' | 'callback' | 'requests' | 'continue' }
  | { name: 'article'; id: number }

const CHANNELS_MS = 4000

export function makeWidget(config: FrameConfig, words: Words) {
  const keep = new Keep(config.site)
  const { t } = words
  const code = /^#continue=([\w-]+)$/.exec(location.hash)?.[1] ?? ''

  const ui = reactive({
    screen: { name: code ? 'continue' : 'home' } as Screen,
    /** The panel is open and this view is on top. */
    shown: false,
    phone: false,
    /** In a page of its own or a part of one there is nothing to close. */
    closable: false,
    /** Grows when the focus must move into the view. */
    focus: 0,
    draft: keep.get('draft'),
    name: '',
    email: '',
    page: null as PageHint | null,
    sharePage: false,
    offline: !navigator.onLine,
    /** What can be kept now could not be asked. */
    stale: false,
    channels: unknown(config.available, config.wait_s),
    notice: '',
    /** What the visitor wants by mail: asked in the thread. */
    mailing: '' as '' | 'transcript' | 'continue',
  })

  const api = new ApiClient({ credentials: 'omit' })
  const talk = shallowRef<Conversation | null>(null)
  let fetching: Promise<Conversation> | null = null
  let calls = 0
  let logouts = 0
  let prefilled = ''
  let resumed = false

  const host = connectHost((state) => void hear(state))

  const told: Told = {
    incoming: (message) => announce(`${message.author.name || t('automatic')}: ${message.body}`),
    joined: (name) => announce(t('joined', { name })),
    outcome: (sent) => announce(sent ? t('sent') : t('notSent')),
    handle: (handle) => {
      if (host.standalone) keep.set('resume', handle)
      else host.say({ do: 'keep', handle })
    },
    event: (name, detail) => host.say({ do: 'emit', name, detail }),
  }

  /** The conversation comes with the first letter, or with what an earlier visit left. */
  function converse(): Promise<Conversation> {
    fetching ??= import('./talk/conversation')
      .then(({ Conversation }) => {
        const made = new Conversation(
          keep,
          told,
          () => ({
            site: config.site,
            language: words.locale,
            ...(ui.sharePage && ui.page ? { page: ui.page.url } : {}),
            ...(ui.name ? { name: ui.name } : {}),
            ...(ui.email ? { email: ui.email } : {}),
          }),
          () => ui.page,
        )
        return (talk.value = made)
      })
      .catch((error: unknown) => {
        fetching = null
        throw error
      })
    return fetching
  }

  async function hear(state: HostState): Promise<void> {
    if (state.logouts > logouts) {
      logouts = state.logouts
      await logout()
    }
    ui.phone = !!state.phone
    ui.closable = !state.inline
    ui.page = state.page ?? null
    talk.value?.sharing.follow(ui.page)
    const prefill = JSON.stringify(state.prefill ?? null)
    if (state.prefill && prefill !== prefilled) {
      ui.draft ||= state.prefill.message ?? ''
      ui.name ||= state.prefill.name ?? ''
      ui.email ||= state.prefill.email ?? ''
    }
    prefilled = prefill
    const wanted = screenOf(state.view)
    if (wanted) ui.screen = wanted
    else if (state.shown && !ui.shown && talk.value?.exists) ui.screen = { name: 'chat' }
    ui.shown = !!state.shown
    if (state.calls > calls) {
      calls = state.calls
      ui.focus += 1
    }
    // A handle is worth a call at once (unread lines); a token only when the visitor comes.
    if (!state.resume && !(state.identity && state.shown)) return
    const before = ui.screen
    await recognise(state.resume ?? '', state.identity ?? '')
    // A reload with an open panel goes back to where it was, unless the visitor has moved on.
    if (!wanted && ui.shown && ui.screen === before && before.name === 'home' && !resumed)
      if (talk.value?.exists) ui.screen = { name: 'chat' }
    resumed = true
  }

  async function recognise(handle: string, identity: string): Promise<void> {
    const conversation = await converse().catch(() => null)
    await conversation?.recognise(handle, identity)
  }

  function go(screen: Screen): void {
    ui.notice = ''
    ui.screen = screen
    ui.focus += 1
  }

  function wipe(): void {
    Object.assign(ui, { draft: '', name: '', email: '', sharePage: false })
  }

  async function logout(): Promise<void> {
    wipe()
    const conversation = await converse().catch(() => null)
    if (conversation) conversation.logout()
    else keep.clear()
  }

  async function refreshChannels(): Promise<void> {
    try {
      ui.channels = await fetchChannels(api, config.site)
      ui.stale = false
    } catch {
      // What was known stays; sending decides.
      ui.stale = true
    }
  }

  // An offer that nobody keeps is withdrawn within seconds, while somebody looks at it.
  window.setInterval(() => {
    const asks = ui.shown && document.visibilityState === 'visible'
    const offers = ['home', 'form'].includes(ui.screen.name) || !talk.value?.state.ticket
    if (asks && offers && ui.screen.name !== 'privacy') void refreshChannels()
  }, CHANNELS_MS)

  for (const name of ['online', 'offline'])
    window.addEventListener(name, () => {
      ui.offline = name === 'offline'
      if (!ui.offline) void talk.value?.outbox.flush()
    })

  watch(
    () => ui.draft,
    (draft) => keep.set('draft', draft),
  )
  keep.watch((name, value) => {
    if (name === 'draft') ui.draft = value ?? ''
  })
  watch(
    () => talk.value?.unread ?? 0,
    (count) => host.say({ do: 'unread', count }),
  )

  async function speak(locale: Locale): Promise<void> {
    await words.speak(locale).catch(() => undefined)
    document.documentElement.lang = words.locale
    document.title = config.name ? `${t('title')} · ${config.name}` : t('title')
  }

  applyBrand(config.color)
  prepareAnnouncer()
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !event.defaultPrevented) host.say({ do: 'close' })
  })
  watch(
    () => ui.shown,
    (shown) => shown && refreshChannels(),
  )
  if (host.standalone) {
    ui.shown = true
    if (keep.get('resume')) void recognise(keep.get('resume'), '')
  }
  // Lines that a closed page left behind go without waiting for another word.
  if (keep.names('line:').length) void converse().catch(() => undefined)

  return {
    config,
    words,
    t,
    ui,
    api,
    host,
    keep,
    talk,
    converse,
    go,
    wipe,
    refreshChannels,
    speak,
    code,
  }
}

export type Widget = ReturnType<typeof makeWidget>
const key: InjectionKey<Widget> = Symbol('widget')

export function provideWidget(widget: Widget): Widget {
  provide(key, widget)
  return widget
}

export function useWidget(): Widget {
  return inject(key)!
}

/** For the parts that come with the conversation: it is there. */
export function useTalk(): Conversation {
  return useWidget().talk.value!
}

function screenOf(view: View | '' | undefined): Screen | null {
  if (!view) return null
  const article = /^article:(\d+)$/.exec(view)
  if (article) return { name: 'article', id: Number(article[1]) }
  const known = ['home', 'chat', 'form', 'callback', 'requests']
  return known.includes(view) ? ({ name: view } as Screen) : null
}
