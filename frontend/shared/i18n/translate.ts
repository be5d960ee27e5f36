/** A translator of a few lines for the apps that cannot afford a library. */
import { type Locale } from './format'

export type Messages = Record<string, string>
export type Translate = (key: string, values?: Record<string, string | number>) => string

/**
 * `{name}` is filled from the values. A text may hold two forms, "one | many", chosen by `count`
 * (in French zero is singular, as `Intl.PluralRules` knows).
 */
export function createTranslator(locale: Locale, messages: Messages): Translate {
  const rules = new Intl.PluralRules(locale)
  return (key, values = {}) => {
    const forms = (messages[key] ?? key).split(' | ')
    const one = typeof values.count !== 'number' || rules.select(values.count) === 'one'
    const text = (one ? forms[0] : forms[1]) ?? forms[0] ?? key
    return text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''))
  }
}
