/** What the server says of a visitor's conversation, and what the frame keeps of it. */
import type { SocketStatus } from '../../../shared/live/socket'

export interface FileRef {
  id: string
  name: string
  size: number
  type: string
}

export interface Message {
  seq: number
  author: { kind: 'agent' | 'customer' | 'system'; name: string }
  body: string
  created_at: string
  origin_id: string | null
  /** `callback`: an agent proposes a call. */
  channel?: string
  attachments?: FileRef[]
}

export interface Queue {
  position: number
  wait_s: number | null
}

/** Where the visitor was, as far as he agreed to show it. */
export interface Shared {
  page_shared: boolean
  trail: { page: string; title: string; at: string }[]
}

export interface SessionState extends Partial<Shared> {
  ticket: number | null
  number?: string | null
  last_seq: number
  queue: Queue | null
  state?: string
  agent?: { id: number; name: string } | null
  /** The wait has outgrown the site's limit: the other ways are offered. */
  late?: boolean
  identified?: null | 'site' | 'email'
}

export interface OpenedSession extends SessionState {
  session: string
  resume: string
}

/** What the server may be told when a session begins. */
export interface Introduction {
  site: string
  language: string
  page?: string
  name?: string
  email?: string
}

export interface Told {
  /** A message came in while the visitor was here: said aloud once. */
  incoming(message: Message): void
  joined(name: string): void
  outcome(sent: boolean): void
  /** The handle to find this conversation again; empty when it must be forgotten. */
  handle(handle: string): void
  event(name: string, detail: unknown): void
}

export const blankState = () => ({
  /** The ticket, once the first line made it. */
  ticket: null as number | null,
  number: '',
  agent: '',
  /** Who had the chat before, when another has taken it over. */
  before: '',
  queue: null as Queue | null,
  late: false,
  live: false,
  ended: false,
  /** The visitor's own lines up to here were seen by an agent. */
  seen: 0,
  typing: '',
  connection: 'live' as SocketStatus,
  loading: false,
  failed: false,
  blocked: false,
  /** The website has vouched for this visitor, or he has proved his address. */
  identified: false,
  rated: '' as '' | 'sent' | 'skipped',
})

export type TalkState = ReturnType<typeof blankState>

/** Whom a token is about. It is not verified here: that is the server's part. */
export function subject(token: string): string {
  try {
    const part = token.split('.')[1]!.replace(/-/g, '+').replace(/_/g, '/')
    const { sub, email } = JSON.parse(atob(part)) as { sub?: string; email?: string }
    return sub || email || token
  } catch {
    return token
  }
}
