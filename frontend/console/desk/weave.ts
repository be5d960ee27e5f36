/** Weaves messages, changes and days into one stream. */
import type { Message, TicketEvent } from '@shared/api/types'

export type Entry =
  | { type: 'day'; key: string; at: string }
  | { type: 'unread'; key: string }
  | { type: 'changes'; key: string; events: TicketEvent[] }
  | { type: 'message'; key: string; message: Message; grouped: boolean }

/** Messages show themselves, the first one opens the ticket; only what else happened is folded between them. */
const SILENT = new Set(['ticket.opened', 'message.posted', 'message.redacted', 'message.restated'])
const GROUP_MS = 5 * 60_000

const dayOf = (at: string): string => new Date(at).toDateString()

function continues(message: Message, before: Message | null): boolean {
  return (
    before !== null &&
    before.kind === message.kind &&
    before.author.kind === message.author.kind &&
    before.author.name === message.author.name &&
    before.channel === message.channel &&
    message.channel === 'chat' &&
    message.copied_from?.ticket === before.copied_from?.ticket &&
    new Date(message.created_at).getTime() - new Date(before.created_at).getTime() < GROUP_MS
  )
}

/**
 * Each once and in its time: what was written again from another request stands between what was said here, and what was
 * taken out again is not shown.
 */
function inTime(messages: Message[]): Message[] {
  if (!messages.some((message) => message.copied_from)) return messages
  const at = (message: Message): number => new Date(message.created_at).getTime()
  return messages
    .filter((message) => !(message.copied_from && message.unsent_at))
    .sort((a, b) => at(a) - at(b) || a.seq - b.seq)
}

export function weave(
  messages: Message[],
  events: TicketEvent[],
  firstUnread: number | null,
): Entry[] {
  const entries: Entry[] = []
  const pending = events
    .filter((event) => !SILENT.has(event.name))
    .sort((a, b) => new Date(a.at).getTime() - new Date(b.at).getTime())
  let day = ''
  let before: Message | null = null
  let marked = false

  const startDay = (at: string): void => {
    if (dayOf(at) === day) return
    day = dayOf(at)
    before = null
    entries.push({ type: 'day', key: `day-${day}`, at })
  }
  const fold = (until: number): void => {
    const found: TicketEvent[] = []
    while (pending[0] && new Date(pending[0].at).getTime() <= until) found.push(pending.shift()!)
    if (!found.length) return
    startDay(found[0]!.at)
    entries.push({
      type: 'changes',
      key: `changes-${found[0]!.at}-${entries.length}`,
      events: found,
    })
    before = null
  }

  for (const message of inTime(messages)) {
    fold(new Date(message.created_at).getTime() - 1)
    startDay(message.created_at)
    if (firstUnread !== null && !marked && message.seq >= firstUnread) {
      marked = true
      before = null
      entries.push({ type: 'unread', key: 'unread' })
    }
    entries.push({
      type: 'message',
      key: `message-${message.seq}`,
      message,
      grouped: continues(message, before),
    })
    before = message
  }
  fold(Infinity)
  return entries
}
