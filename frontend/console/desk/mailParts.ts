/** What a mail held beside text and files, in the order and words of a screen. */
import type { MailPart } from '@shared/api/mail'

export interface PartFact {
  /** A translation key below `mail.part.`. */
  name: string
  value: string
}

export interface PartWords {
  /** A translation key below `mail.parts.`. */
  kind: string
  title: string
  facts: PartFact[]
  url: string
}

const KINDS: Record<string, string> = {
  calendar: 'calendar',
  tnef: 'tnef',
  'smime-signed': 'signed',
  'pgp-signed': 'signed',
  'smime-encrypted': 'encrypted',
  'pgp-encrypted': 'encrypted',
  'pgp-key': 'key',
  certificate: 'key',
  mail: 'mail',
  contact: 'contact',
  external: 'external',
}
const SHOWN: Record<string, readonly string[]> = {
  calendar: ['when', 'location', 'organizer', 'repeats'],
  tnef: ['files'],
  mail: ['sender', 'date'],
  contact: ['emails', 'phones'],
}

/** `when` writes a start and an end as the reader's language has it; both may be ''. */
export function partWords(
  part: MailPart,
  when: (start: string, end: string, allDay: boolean) => string,
): PartWords {
  const kind = KINDS[part.kind] ?? 'other'
  const details: Record<string, string> = { ...part.details }
  if (part.kind === 'calendar' && details.start) {
    details.when = when(details.start, details.end ?? '', Boolean(details.all_day))
    if (details.timezone) details.when += ` (${details.timezone})`
  }
  if (part.kind === 'mail') {
    const { from_name: name, from_address: address } = details
    details.sender = name && address ? `${name} <${address}>` : (address ?? name ?? '')
  }
  const facts = (SHOWN[part.kind] ?? [])
    .filter((name) => details[name])
    .map((name) => ({ name, value: name === 'repeats' ? '' : details[name]! }))
  return { kind, title: part.title, facts, url: safeUrl(part.details.url) }
}

/** How an invitation is meant. */
export function calendarMethod(part: MailPart): 'cancelled' | 'reply' | 'invitation' {
  const { method = '', status = '' } = part.details
  if (method === 'CANCEL' || status === 'CANCELLED') return 'cancelled'
  return method === 'REPLY' || method === 'COUNTER' ? 'reply' : 'invitation'
}

function safeUrl(url: string | undefined): string {
  return url && /^https?:\/\//i.test(url) ? url : ''
}
