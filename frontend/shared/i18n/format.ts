/** Dates, durations, numbers and sizes in the reader's language, by `Intl` alone. */

export type Locale = 'en' | 'fr'
export const LOCALES: readonly Locale[] = ['en', 'fr']

export function pickLocale(...wishes: (string | null | undefined)[]): Locale {
  for (const wish of wishes) {
    const code = wish?.slice(0, 2).toLowerCase()
    if (code === 'en' || code === 'fr') return code
  }
  return 'en'
}

const tag = (locale: Locale): string => (locale === 'en' ? 'en-GB' : 'fr-FR')
const cache = new Map<string, unknown>()

function cached<T>(key: string, make: () => T): T {
  if (!cache.has(key)) cache.set(key, make())
  return cache.get(key) as T
}

const dateFormat = (locale: Locale, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
  cached(
    `d${locale}${JSON.stringify(options)}`,
    () => new Intl.DateTimeFormat(tag(locale), options),
  )

export function formatTime(at: string | Date, locale: Locale): string {
  return dateFormat(locale, { hour: '2-digit', minute: '2-digit' }).format(new Date(at))
}

export function formatDay(at: string | Date, locale: Locale, now: Date = new Date()): string {
  const date = new Date(at)
  const sameYear = date.getFullYear() === now.getFullYear()
  return dateFormat(locale, {
    day: 'numeric',
    month: 'short',
    ...(sameYear ? {} : { year: 'numeric' }),
  }).format(date)
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

/** The exact moment, for `title` and `<time>`. */
export function formatExact(at: string | Date, locale: Locale): string {
  return dateFormat(locale, { dateStyle: 'full', timeStyle: 'short' }).format(new Date(at))
}

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['hour', 3600],
  ['minute', 60],
]

/** Relative under a day ("5 min. ago"), a short date beyond. */
export function formatAgo(at: string | Date, locale: Locale, now: Date = new Date()): string {
  const seconds = Math.round((new Date(at).getTime() - now.getTime()) / 1000)
  const distance = Math.abs(seconds)
  if (distance >= 86_400) return formatDay(at, locale, now)
  const relative = cached(
    `r${locale}`,
    () => new Intl.RelativeTimeFormat(tag(locale), { numeric: 'auto', style: 'short' }),
  )
  for (const [unit, size] of UNITS) {
    if (distance >= size) return relative.format(Math.trunc(seconds / size), unit)
  }
  return relative.format(0, 'second')
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

export function formatSize(bytes: number, locale: Locale): string {
  const [value, unit, digits] =
    bytes < 1000
      ? [bytes, 'byte', 0]
      : bytes < 1_000_000
        ? [bytes / 1000, 'kilobyte', 0]
        : [bytes / 1_000_000, 'megabyte', 1]
  return cached(
    `b${locale}${unit}`,
    () =>
      new Intl.NumberFormat(tag(locale), {
        style: 'unit',
        unit: unit as string,
        unitDisplay: 'short',
        maximumFractionDigits: digits as number,
      }),
  ).format(value as number)
}
