/** What mail brings to a conversation, and how mail is set up. */

/** Somebody as a mail names him; the name may be ''. */
export interface MailPerson {
  name: string
  address: string
}

export interface Delivery {
  address: string
  state: 'queued' | 'sending' | 'sent' | 'failed' | 'bounced'
  /** The other server's own words. */
  error: string
  sent_at: string | null
  kind?: 'to' | 'cc'
  reason?: string
  /** What went wrong, in the reader's language. */
  text?: string
  next_try_at?: string | null
  attempts?: number
}

export interface Envelope {
  from: MailPerson
  to: MailPerson[]
  cc: MailPerson[]
  reply_to: string
  message_id: string
  matched_by: string
  matched_text: string
}

export interface Hint {
  id: number
  kind: 'number' | 'received_id' | 'copy' | 'original_sender'
  text: string
  state: 'open' | 'confirmed' | 'dismissed'
  ticket: { id: number; number: string; subject: string; status: string } | null
  person: MailPerson | null
}

/** A part that is neither text nor a plain file: an invitation, a signature, somebody else's mail. */
export interface MailPart {
  kind: string
  title: string
  details: Record<string, string>
  attachment: number | null
}

/** What a message that came or left by mail has beside its words. Frames carry none of it. */
export interface MailMembers {
  deliveries?: Delivery[]
  envelope?: Envelope | null
  raw_url?: string | null
  hints?: Hint[]
  mail_parts?: MailPart[]
  /** History and signature are left out of `body`. */
  is_folded?: boolean
  /** While it is held: when it leaves. */
  leaves_at?: string | null
  /** Taken back before it left. */
  unsent_at?: string | null
  can_unsend?: boolean
}

export interface Recipients {
  from: MailPerson | null
  to: MailPerson[]
  cc: MailPerson[]
  /** Others who stood in the customer's last mail: offered, never added by themselves. */
  reply_all: MailPerson[]
}

export type QuarantineVerb = 'release' | 'trust' | 'delete' | 'reparse' | 'restore'

export interface HeldMail {
  id: number
  mailbox: string
  queue: { slug: string; name: string }
  sender: string
  subject: string
  preview: string
  outcome: string
  reason: string
  reason_text: string
  problems: string[]
  trust: string
  machine: string
  size: number
  received_at: string
  settled_at: string | null
  settled_by: { id: number; name: string } | null
  ticket: string | null
  seq: number | null
  raw_url: string
  is_trusted: boolean
  can: QuarantineVerb[]
}

export interface HeldMailDetail extends HeldMail {
  from: MailPerson
  to: MailPerson[]
  cc: MailPerson[]
  date: string | null
  text: string
  files: { name: string; type: string; size: number }[]
}

export interface HeldReason {
  reason: string
  reason_text: string
  count: number
}

export interface BulkResult {
  id: number
  ok: boolean
  outcome: string
  ticket: string | null
  seq: number | null
  code: string
  detail: string
}

export type Security = 'ssl' | 'starttls' | 'none'

export interface MailServer {
  host: string
  port: number
  security: Security
  user: string
  has_secret: boolean
}

export interface ImapServer extends MailServer {
  folder: string
  done_folder: string
}

export interface CheckStep {
  done: boolean
  at: string | null
}

export interface Mailbox {
  id: number
  address: string
  name: string
  aliases: string[]
  queue: { slug: string; name: string }
  active: boolean
  signature: string
  signature_fr: string
  imap: ImapServer
  smtp: MailServer
  checklist: { fetched: CheckStep; received: CheckStep; replied: CheckStep }
  /** Somebody holds its IMAP folder open right now. */
  watching: boolean
  last_seen: string | null
  last_error: { code: string; text: string; at: string; of: 'imap' | 'smtp' } | null
}

export interface TestStep {
  of: 'imap' | 'smtp'
  step: string
  ok: boolean
  code: string
  text: string
}

export interface TestAnswer {
  ok: boolean
  steps: TestStep[]
}
