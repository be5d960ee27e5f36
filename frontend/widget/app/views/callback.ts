/** Being called back: which moments there are, and how a number is dialled. */
import type { ApiClient } from '../../../shared/api/client'
import { formatLongDay, formatTime, type Locale } from '../../../shared/i18n/format'
import type { Asap, Slot } from '../channels'
import type { Phone } from '../talk/calls'

export interface Moments {
  asap: Asap | null
  slots: Slot[]
}

/** Countries offered by name; any other number is typed with its plus sign. */
const REGIONS = ['FR', 'BE', 'CH', 'LU', 'GB', 'IE', 'DE', 'ES', 'IT', 'NL', 'PT', 'CA', 'US']

export function regions(locale: Locale, first: string): { code: string; name: string }[] {
  const names = new Intl.DisplayNames([locale], { type: 'region' })
  return [...new Set([first, ...REGIONS])].map((code) => ({ code, name: names.of(code) ?? code }))
}

/** Slots under the day on which they fall for the visitor. */
export function byDay(slots: Slot[], locale: Locale): [string, { at: string; time: string }[]][] {
  const days = new Map<string, { at: string; time: string }[]>()
  for (const { starts_at } of slots) {
    const day = formatLongDay(starts_at, locale)
    days.set(day, [
      ...(days.get(day) ?? []),
      { at: starts_at, time: formatTime(starts_at, locale) },
    ])
  }
  return [...days]
}

export const moments = (api: ApiClient, site: string): Promise<Moments> =>
  api.get<Moments>('chat/callbacks/slots/', { site })

export const dialled = (
  api: ApiClient,
  site: string,
  number: string,
  region: string,
): Promise<Phone> => api.get<Phone>('chat/callbacks/number/', { site, number, region })
