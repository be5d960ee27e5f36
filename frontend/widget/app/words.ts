/** The words of one language: those of the first screens at once, the others with the screens that need them. */
import { shallowRef } from 'vue'

import type { Locale } from '../../shared/i18n/format'
import { createTranslator, type Messages, type Translate } from '../../shared/i18n/translate'
import type first from './locales/en.json'
import type more from './locales/more/en.json'

export type Key = keyof typeof first | keyof typeof more
type File = () => Promise<{ default: Messages }>

const FIRST: Record<Locale, File> = {
  en: () => import('./locales/en.json'),
  fr: () => import('./locales/fr.json'),
}
const MORE: Record<Locale, File> = {
  en: () => import('./locales/more/en.json'),
  fr: () => import('./locales/more/fr.json'),
}

export class Words {
  readonly #translate = shallowRef<Translate>(() => '')
  readonly #locale = shallowRef<Locale>('en')
  #messages: Messages = {}
  /** A lazy screen has come: from here on a change of language brings all words. */
  #all = false

  get locale(): Locale {
    return this.#locale.value
  }

  t = (key: Key, values?: Record<string, string | number>): string =>
    this.#translate.value(key, values)

  /** Speaks another language once its words are here. */
  async speak(locale: Locale): Promise<void> {
    const files = this.#all ? [FIRST[locale], MORE[locale]] : [FIRST[locale]]
    const found = await Promise.all(files.map((load) => load()))
    this.#messages = Object.assign({}, ...found.map((file) => file.default)) as Messages
    this.#locale.value = locale
    this.#translate.value = createTranslator(locale, this.#messages)
  }

  /** The words of the screens that come later. */
  async learn(): Promise<void> {
    if (this.#all) return
    const { default: found } = await MORE[this.locale]()
    this.#all = true
    this.#messages = { ...this.#messages, ...found }
    this.#translate.value = createTranslator(this.locale, this.#messages)
  }
}
