/** What every view of the frame shares: the words, where we are, and the conversation. */
import { computed, inject, type InjectionKey, provide, reactive, ref, watch } from 'vue'

import { announce, prepareAnnouncer } from '../../shared/a11y/announcer'
import { ApiClient } from '../../shared/api/client'
import { type Locale, pickLocale } from '../../shared/i18n/format'
import { createTranslator } from '../../shared/i18n/translate'
import type { HostState, PageHint, View } from '../protocol'
import { applyBrand } from './brand'
import { readConfig } from './config'
import { Conversation } from './conversation'
import { connectHost } from './host'
import { Keep } from './keep'
import en from './locales/en.json'
import fr from './locales/fr.json'

export type Screen =
  { name: 'home' | 'chat' | 'form' | 'privacy' } | { name: 'article'; id: number }

export type Key = keyof typeof en

const AVAILABILITY_MS = 4000

function makeWidget() {
  const config = readConfig()
  const keep = new Keep(config.site)
  const wish = new URLSearchParams(location.search).get('lang')
  const locale = ref<Locale>(pickLocale(wish, config.language, navigator.language))
  const translate = computed(() => createTranslator(locale.value, locale.value === 'fr' ? fr : en))
  const t = (key: Key, values?: Record<string, string | number>): string =>
    translate.value(key, values)

  const ui = reactive({
    screen: { name: 'home' } as Screen,
    /** The panel is open and this view is on top. */
    shown: false,
    phone: false,
    /** Grows when the focus must move into the view. */
    focus: 0,
    draft: keep.get('draft'),
    name: '',
    email: '',
    page: null as PageHint | null,
    sharePage: false,
    offline: !navigator.onLine,
    available: config.available,
    waitS: config.wait_s,
    notice: '',
  })

  const api = new ApiClient({ credentials: 'omit' })
  let calls = 0
  let logouts = 0
  let prefilled = ''
  let resumed = false

  const host = connectHost((state) => void hear(state))

  const conversation = new Conversation(keep, {
    incoming: (message) => {
      const name = message.author.name || t('automatic')
      announce(`${name}: ${message.body}`)
    },
    joined: (name) => announce(t('joined', { name })),
    outcome: (sent) => announce(sent ? t('sent') : t('notSent')),
    handle: (handle) => {
      if (host.standalone) keep.set('resume', handle)
      else host.say({ do: 'keep', handle })
    },
    event: (name, detail) => host.say({ do: 'emit', name, detail }),
  })
  conversation.introduce = () => ({
    site: config.site,
    language: locale.value,
    ...(ui.sharePage && ui.page ? { page: ui.page.url } : {}),
    ...(ui.name ? { name: ui.name } : {}),
    ...(ui.email ? { email: ui.email } : {}),
  })

  async function hear(state: HostState): Promise<void> {
    if (state.logouts > logouts) {
      logouts = state.logouts
      forget()
    }
    ui.phone = !!state.phone
    ui.page = state.page ?? null
    const prefill = JSON.stringify(state.prefill ?? null)
    if (state.prefill && prefill !== prefilled) {
      ui.draft ||= state.prefill.message ?? ''
      ui.name ||= state.prefill.name ?? ''
      ui.email ||= state.prefill.email ?? ''
    }
    prefilled = prefill
    const wanted = screenOf(state.view)
    if (wanted) ui.screen = wanted
    else if (state.shown && !ui.shown && conversation.exists) ui.screen = { name: 'chat' }
    ui.shown = !!state.shown
    if (state.calls > calls) {
      calls = state.calls
      ui.focus += 1
    }
    // A handle is worth a call at once (unread lines); a token only when the visitor comes.
    if (!state.resume && !(state.identity && state.shown)) return
    const before = ui.screen
    await conversation.recognise(state.resume ?? '', state.identity ?? '')
    // A reload with an open panel goes back to where it was, unless the visitor has moved on.
    if (!wanted && ui.shown && ui.screen === before && before.name === 'home' && !resumed)
      if (conversation.exists) ui.screen = { name: 'chat' }
    resumed = true
  }

  function go(screen: Screen): void {
    ui.notice = ''
    ui.screen = screen
    ui.focus += 1
  }

  function forget(): void {
    conversation.forget()
    Object.assign(ui, { draft: '', name: '', email: '', sharePage: false })
  }

  async function refreshAvailability(): Promise<void> {
    try {
      const now = await api.get<{ available: boolean; wait_s: number | null }>(
        'chat/availability/',
        { site: config.site },
      )
      ui.available = now.available
      ui.waitS = now.wait_s
    } catch {
      // What was known stays; sending decides.
    }
  }

  // An offer that nobody keeps is withdrawn within seconds, while somebody looks at it.
  window.setInterval(() => {
    const asks = ui.shown && !conversation.state.ticket && document.visibilityState === 'visible'
    if (asks && ui.screen.name !== 'privacy') void refreshAvailability()
  }, AVAILABILITY_MS)

  for (const name of ['online', 'offline'])
    window.addEventListener(name, () => {
      ui.offline = name === 'offline'
      if (!ui.offline) void conversation.outbox.flush()
    })

  watch(
    () => ui.draft,
    (draft) => keep.set('draft', draft),
  )
  keep.watch((name, value) => {
    if (name === 'draft') ui.draft = value ?? ''
  })
  watch(
    () => conversation.unread,
    (count) => host.say({ do: 'unread', count }),
  )
  watch(
    locale,
    (now) => {
      document.documentElement.lang = now
      document.title = config.name ? `${t('title')} · ${config.name}` : t('title')
    },
    { immediate: true },
  )

  applyBrand(config.color)
  prepareAnnouncer()
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !event.defaultPrevented) host.say({ do: 'close' })
  })
  if (host.standalone) {
    ui.shown = true
    void conversation.recognise(keep.get('resume'), '')
  }

  return { config, locale, t, ui, api, host, conversation, go, forget, refreshAvailability }
}

export type Widget = ReturnType<typeof makeWidget>
const key: InjectionKey<Widget> = Symbol('widget')

export function provideWidget(): Widget {
  const widget = makeWidget()
  provide(key, widget)
  return widget
}

export function useWidget(): Widget {
  return inject(key)!
}

function screenOf(view: View | '' | undefined): Screen | null {
  if (!view) return null
  const article = /^article:(\d+)$/.exec(view)
  if (article) return { name: 'article', id: Number(article[1]) }
  return view === 'home' || view === 'chat' || view === 'form' ? { name: view } : null
}
