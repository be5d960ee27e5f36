/** Formats that the first screens of the widget do without. */
import { cached, dateFormat, type Locale, tag } from './intl'

export function formatDay(at: string | Date, locale: Locale, now: Date = new Date()): string {
  const date = new Date(at)
  const sameYear = date.getFullYear() === now.getFullYear()
  return dateFormat(locale, {
    day: 'numeric',
    month: 'short',
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
