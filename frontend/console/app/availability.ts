/** How an agent's availability looks: always a shape and a word, never colour alone. */
import { CircleCheck, CircleDashed, CircleOff, Hourglass } from '@lucide/vue'
import type { Component } from 'vue'

import type { Availability } from '@shared/api/types'

export const AVAILABILITIES: readonly Availability[] = ['available', 'finishing', 'away', 'offline']

export const AVAILABILITY_ICONS: Record<Availability, Component> = {
  available: CircleCheck,
  finishing: Hourglass,
  away: CircleDashed,
  offline: CircleOff,
}

export const AVAILABILITY_COLOURS: Record<Availability, string> = {
  available: 'var(--ok)',
  finishing: 'var(--warn)',
  away: 'var(--muted)',
  offline: 'var(--muted)',
}
