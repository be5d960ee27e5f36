/** Where an answer is on its way to those who should get it. */
import type { Delivery } from '@shared/api/mail'
import type { Message } from '@shared/api/types'

export type Fate = 'held' | 'unsent' | 'leaving' | 'sent' | 'partly' | 'failed' | 'none'

const LOST = new Set<Delivery['state']>(['failed', 'bounced'])

export const isLost = (delivery: Delivery): boolean => LOST.has(delivery.state)

/** One word for all recipients; what failed for anybody is never hidden behind what worked. */
export function fateOf(message: Message, now: number): Fate {
  if (message.unsent_at) return 'unsent'
  if (secondsLeft(message, now) > 0) return 'held'
  const list = message.deliveries ?? []
  if (!list.length) return 'none'
  const lost = list.filter(isLost).length
  if (lost) return lost === list.length ? 'failed' : 'partly'
  return list.every((one) => one.state === 'sent') ? 'sent' : 'leaving'
}

/** Whole seconds until a held message leaves, at least 1 while it is held; 0 when it is not. */
export function secondsLeft(message: Message, now: number): number {
  if (!message.leaves_at || message.unsent_at) return 0
  const left = (new Date(message.leaves_at).getTime() - now) / 1000
  return left <= 0 ? 0 : Math.max(1, Math.round(left))
}

/** What an agent can do about it; the codes are the server's. */
const ADVICE: Record<string, string> = {
  unknown_address: 'correct',
  bad_address: 'correct',
  no_such_domain: 'correct',
  mailbox_full: 'otherWay',
  content_refused: 'shorter',
  too_big: 'shorter',
  sender_refused: 'administrator',
  relay_refused: 'administrator',
  login_refused: 'administrator',
  tls: 'administrator',
  not_reachable: 'later',
  timeout: 'later',
  temporary: 'later',
  gave_up: 'later',
  file_lost: 'attachAgain',
}

export const adviceFor = (delivery: Delivery): string => ADVICE[delivery.reason] ?? 'otherWay'
