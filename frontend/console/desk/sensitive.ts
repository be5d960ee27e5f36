/** Sensitive places of a message: card numbers, bank accounts, keys, identity and health documents. */
import type { Message } from '@shared/api/types'

export interface Revealed {
  body: string
  html: string
}

export const whoMayReveal = 'message.reveal'

export const sensitiveKinds = (message: Message): string[] => [
  ...new Set((message.sensitive ?? []).map((place) => place.kind)),
]
