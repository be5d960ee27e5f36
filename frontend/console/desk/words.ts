/** The fixed vocabularies of the desk, with their pictures and colours. */
import {
  Ban,
  ChevronDown,
  ChevronsUp,
  ChevronUp,
  Circle,
  CircleCheck,
  CircleDot,
  CirclePause,
  Clock,
  Equal,
  Lock,
} from '@lucide/vue'
import type { Component } from 'vue'

import type { Priority, TicketKind, TicketStatus } from '@shared/api/types'

export const STATUSES: readonly TicketStatus[] = [
  'new',
  'open',
  'pending',
  'hold',
  'solved',
  'closed',
  'spam',
]

/** What an agent may choose; `new` and `closed` happen by themselves. */
export const CHOICES: readonly TicketStatus[] = ['open', 'pending', 'hold', 'solved', 'spam']

export const STATUS_ICONS: Record<TicketStatus, Component> = {
  new: Circle,
  open: CircleDot,
  pending: Clock,
  hold: CirclePause,
  solved: CircleCheck,
  closed: Lock,
  spam: Ban,
}

export const STATUS_TONES: Record<TicketStatus, string> = {
  new: 'info',
  open: 'brand',
  pending: 'warn',
  hold: '',
  solved: 'ok',
  closed: '',
  spam: '',
}

export const PRIORITIES: readonly Priority[] = [4, 3, 2, 1]

export const PRIORITY_ICONS: Record<Priority, Component> = {
  4: ChevronsUp,
  3: ChevronUp,
  2: Equal,
  1: ChevronDown,
}

export const KINDS: readonly TicketKind[] = ['information', 'assistance', 'complaint']

export const isFinished = (status: TicketStatus): boolean =>
  status === 'solved' || status === 'closed' || status === 'spam'
