/** Dates, durations, numbers and sizes in the reader's language, by `Intl` alone. */

import { cached, dateFormat, type Locale, tag } from './intl'

export { formatAgo, formatDay, formatExact, formatSize } from './more'
export type { Locale }
export const LOCALES: readonly Locale[] = ['en', 'fr']

export function pickLocale(...wishes: (string | null | undefined)[]): Locale {
  for (const wish of wishes) {
    const code = wish?.slice(0, 2).toLowerCase()
    if (code === 'en' || code === 'fr') return code
  }
  return 'en'
}

export function formatTime(at: string | Date, locale: Locale): string {
  return dateFormat(locale, { hour: '2-digit', minute: '2-digit' }).format(new Date(at))
}

/** "Saturday 12 March": the separator between two days of a conversation. */
export function formatLongDay(at: string | Date, locale: Locale, now: Date = new Date()): string {
  const date = new Date(at)
  const sameYear = date.getFullYear() === now.getFullYear()
  return dateFormat(locale, {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    ...(sameYear ? {} : { year: 'numeric' }),
  }).format(date)
}

/** A waiting time without words around it: "45 s", "12 min", "3 h", "5 d". */
export function formatSpan(seconds: number, locale: Locale): string {
  const whole = Math.max(0, Math.round(seconds))
  const [value, unit] =
    whole < 60
      ? [whole, 'second']
      : whole < 3600
        ? [Math.floor(whole / 60), 'minute']
        : whole < 172_800
          ? [Math.floor(whole / 3600), 'hour']
          : [Math.floor(whole / 86_400), 'day']
  return cached(
    `s${locale}${unit}`,
    () =>
      new Intl.NumberFormat(tag(locale), {
        style: 'unit',
        unit: unit as string,
        unitDisplay: 'short',
      }),
  ).format(value as number)
}

/** A running clock, "2:40". */
export function formatClock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  const rest = String(whole % 60).padStart(2, '0')
  if (whole < 3600) return `${Math.floor(whole / 60)}:${rest}`
  const minutes = String(Math.floor((whole % 3600) / 60)).padStart(2, '0')
  return `${Math.floor(whole / 3600)}:${minutes}:${rest}`
}

export function formatNumber(value: number, locale: Locale, digits = 0): string {
  return cached(
    `n${locale}${digits}`,
    () =>
      new Intl.NumberFormat(tag(locale), {
        minimumFractionDigits: digits,
        maximumFractionDigits: digits,
      }),
  ).format(value)
}

export function formatPercent(share: number, locale: Locale): string {
  return cached(
    `p${locale}`,
    () => new Intl.NumberFormat(tag(locale), { style: 'percent' }),
  ).format(share)
}
