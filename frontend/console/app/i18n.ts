/** The console's languages: one file each, loaded when chosen; the words of rare pages come with the page. */
import { createI18n } from 'vue-i18n'

import { type Locale, pickLocale } from '@shared/i18n/format'

import type en from './locales/en.json'
import { compileMessage } from './messages'
import { queryClient } from './query'

const STORED = 'guichet.locale'
const LANGUAGES = import.meta.glob<{ default: typeof en }>('./locales/*.json')
/** `locales/<bundle>/<language>.json`: words that only some pages need. */
const BUNDLES = import.meta.glob<{ default: typeof en }>('./locales/*/*.json')
const wanted = new Set<string>()

export const i18n = createI18n<false>({
  legacy: false,
  locale: 'en',
  fallbackLocale: 'en',
  messages: {} as Record<string, typeof en>,
  messageCompiler: compileMessage as never,
  // In French zero is singular.
  pluralRules: { fr: (choice: number) => (Math.abs(choice) < 2 ? 0 : 1) },
})

export async function setLocale(locale: Locale): Promise<void> {
  if (!i18n.global.availableLocales.includes(locale)) {
    const messages = await LANGUAGES[`./locales/${locale}.json`]!()
    i18n.global.setLocaleMessage(locale, messages.default)
  }
  await Promise.all([...wanted].map((bundle) => addWords(bundle, locale)))
  i18n.global.locale.value = locale
  document.documentElement.lang = locale
  // Queues and other names come from the server in the language that was asked for.
  void queryClient.invalidateQueries()
  localStorage.setItem(STORED, locale)
}

async function addWords(bundle: string, locale: Locale): Promise<void> {
  const load = BUNDLES[`./locales/${bundle}/${locale}.json`]
  if (load) i18n.global.mergeLocaleMessage(locale, (await load()).default)
}

/** Fetches a bundle of words in the current language; later languages bring it along. */
export async function loadWords(bundle: string): Promise<void> {
  if (wanted.has(bundle)) return
  await addWords(bundle, pickLocale(i18n.global.locale.value))
  wanted.add(bundle)
}

/** Before sign-in: what was used here last, then the browser's wish. */
export function startLocale(): Locale {
  return pickLocale(localStorage.getItem(STORED), ...navigator.languages)
}
