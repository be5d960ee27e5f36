/** Small helpers for words typed and words shown. */
import { ApiError } from '../../../shared/api/client'
import type { Locale } from '../../../shared/i18n/format'

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

/** The server's words for a refusal; empty when it was no refusal but a fault or silence. */
export function refusal(error: unknown): string {
  if (!(error instanceof ApiError) || error.status < 400 || error.status >= 500) return ''
  return Object.values(error.fields).flat()[0] || error.detail || error.title
}
