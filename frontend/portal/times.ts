/** "12 min ago" for what is younger than a day; the exact time stays as the title. */
import { formatAgo, formatExact } from '../shared/i18n/format'
import { locale } from './text'

const DAY_MS = 86_400_000

export function showRelativeTimes(): void {
  for (const time of document.querySelectorAll<HTMLTimeElement>('time[data-relative]')) {
    const at = new Date(time.dateTime)
    if (Number.isNaN(at.getTime()) || Date.now() - at.getTime() > DAY_MS) continue
    time.title = formatExact(at, locale)
    time.textContent = formatAgo(at, locale)
  }
}
