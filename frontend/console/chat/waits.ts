/** Who waits on whom in a chat, and how urgent that is. */
import type { ChatSession } from '@shared/api/types'

export const AMBER_S = 60
export const LATE_S = 120

export function waitedSeconds(session: ChatSession, now: Date): number | null {
  const since = session.state === 'waiting' ? session.started_at : session.waiting_since
  if (!since) return null
  return Math.max(0, Math.floor((now.getTime() - new Date(since).getTime()) / 1000))
}

export type Urgency = '' | 'amber' | 'late'

/** Only the customer's waiting is ours to hurry about. */
export function urgency(session: ChatSession, now: Date): Urgency {
  if (session.state === 'live' && session.waits_on !== 'agent') return ''
  const waited = waitedSeconds(session, now) ?? 0
  if (waited >= LATE_S) return 'late'
  return waited >= AMBER_S ? 'amber' : ''
}
