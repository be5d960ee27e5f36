/** Being called back: which moments there are, and what becomes of a wish. */
import type { ApiClient } from '../../../shared/api/client'
import { formatLongDay, formatTime, type Locale } from '../../../shared/i18n/format'
import type { Asap, Slot } from '../channels'
import type { Conversation } from '../talk/conversation'

export interface Phone {
  e164: string
  national: string
  international: string
}

export interface Callback {
  id: number
  number: string
  state: 'waiting' | 'taken' | 'reached' | 'missed' | 'wrong_number' | 'cancelled'
  asap: boolean
  due_at: string
  phone: Phone
  position: number | null
  wait_s: number | null
  can_change: boolean
  version: number
  calendar_url: string
}

export interface Moments {
  asap: Asap | null
  slots: Slot[]
}

/** What is asked of the server; `starts_at` null is as soon as possible. */
export interface Wish {
  origin_id: string
  number: string
  region: string
  starts_at: string | null
  topic: string
  email: string
  recording: boolean
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

export const ask = (talk: Conversation, wish: Wish): Promise<Callback> =>
  talk.call((api) =>
    api.post<Callback>('chat/callbacks/', {
      ...wish,
      zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      consent: true,
    }),
  )

export const move = (talk: Conversation, one: Callback, starts_at: string | null) =>
  talk.call((api) =>
    api.patch<Callback>(`chat/callbacks/${one.id}/`, { version: one.version, starts_at }),
  )

export const cancel = (talk: Conversation, one: Callback): Promise<Callback> =>
  talk.call((api) => api.delete<Callback>(`chat/callbacks/${one.id}/`))

/** The one under way, when there is. */
export async function current(talk: Conversation): Promise<Callback | null> {
  const { results } = await talk.call((api) => api.get<{ results: Callback[] }>('chat/callbacks/'))
  return results.find(({ state }) => state === 'waiting' || state === 'taken') ?? null
}
