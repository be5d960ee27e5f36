/** Waits and moments in words, in the visitor's own zone. */
import { formatLongDay, formatTime, type Locale } from '../../shared/i18n/format'
import type { Channels } from './channels'
import type { Words } from './words'

const DAY = 864e5

/** At least a minute: nobody is promised seconds. */
export const minutes = (seconds: number | null): number =>
  Math.max(1, Math.ceil((seconds ?? 0) / 60))

/** "today 15:30", "tomorrow 9:00", "Monday 23 November 9:00". */
export function moment(at: string, { t, locale }: Words, now = new Date()): string {
  const day = new Date(at)
  const days = Math.round((dawn(day) - dawn(now)) / DAY)
  const time = formatTime(at, locale)
  if (days === 0) return t('today', { time })
  if (days === 1) return t('tomorrow', { time })
  return t('onDay', { day: formatLongDay(at, locale), time })
}

const dawn = (at: Date): number => new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime()

/** "4 h", "2 days": how soon an answer usually comes. */
export function within(seconds: number, locale: Locale): string {
  const [value, unit] =
    seconds < 3600
      ? [minutes(seconds), 'minute']
      : seconds < 2 * 86_400
        ? [Math.ceil(seconds / 3600), 'hour']
        : [Math.ceil(seconds / 86_400), 'day']
  const style = { style: 'unit', unit: String(unit), unitDisplay: 'long' } as const
  return new Intl.NumberFormat(locale, style).format(Number(value))
}

/** Why nobody chats now, and from when on in the visitor's own time. */
export function closedUntil({ open, opens_at }: Channels, words: Words): string {
  if (open || !opens_at) return words.t('closed')
  return words.t('closedUntil', { when: moment(opens_at, words) })
}
