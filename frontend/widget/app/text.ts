/** Small helpers for words typed and words shown. */
import type { Locale } from '../../shared/i18n/format'

/** The server has the last word. */
export function looksLikeEmail(text: string): boolean {
  return /^[^\s@]+@[^\s@]+\.[^\s@]{2,}$/.test(text.trim())
}

const SUFFIX: Record<string, string> = { one: 'st', two: 'nd', few: 'rd', other: 'th' }

/** 2nd, 3rd … 2e, 3e … */
export function ordinal(n: number, locale: Locale): string {
  if (locale === 'fr') return `${n}e`
  return n + SUFFIX[new Intl.PluralRules('en', { type: 'ordinal' }).select(n)]!
}
