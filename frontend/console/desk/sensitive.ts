/** Sensitive places of a message: card numbers, bank accounts, keys, identity and health documents. */
import type { Message } from '@shared/api/types'

export interface Revealed {
  body: string
  html: string
}

interface Place {
  kind: string
  start: number
  end: number
}

export const whoMayReveal = 'message.reveal'

export const sensitiveKinds = (message: Message): string[] => [
  ...new Set(((message as { sensitive?: Place[] }).sensitive ?? []).map((place) => place.kind)),
]
