/** The shapes of the REST API that the apps read. */

export type TicketStatus = 'new' | 'open' | 'pending' | 'hold' | 'solved' | 'closed' | 'spam'
export type TicketKind = 'information' | 'complaint' | 'assistance'
export type Priority = 1 | 2 | 3 | 4
export type Language = 'en' | 'fr'
export type Availability = 'available' | 'finishing' | 'away' | 'offline'
export type Role = 'reader' | 'agent' | 'supervisor' | 'admin'
export type MessageKind = 'public' | 'note'

export interface Named {
  id: number
  name: string
}

export interface QueueRef {
  slug: string
  name: string
}

export interface Queue extends QueueRef {
  team: string
  /** One of the caller's own teams works on it. */
  served?: boolean
}

export interface Agent extends Named {
  availability: Availability
}

export interface MatchedTerm {
  term: string
  text: string
  start: number
  end: number
  how?: string
}

export interface Ticket {
  id: number
  number: string
  subject: string
  status: TicketStatus
  priority: Priority
  kind: TicketKind | null
  language: string
  channel: string
  queue: QueueRef
  assignee: Named | null
  requester: { id: number; name: string; email: string | null }
  tags: string[]
  last_seq: number
  last_public_seq: number
  customer_seen_seq: number
  created_at: string
  waiting_since: string | null
  routing: { rule: string | null; matched: MatchedTerm[]; explanation_url: string }
  version: number
  preview: string
  last_message_at: string | null
  unread: number
  fields: Record<string, unknown>
  snoozed_until: string | null
  solved_at: string | null
  survey: { score: number | null; comment: string } | null
  session: { id: number | string; state: SessionState; agent: Named | null } | null
  can: string[]
  /** Where public replies go by mail; empty while no address is known or proved. */
  reply_address: string
  follows: number | null
}

export interface Attachment {
  id: string
  name: string
  size: number
  type: string
  url?: string
}

export interface Delivery {
  address: string
  state: string
  error: string
  sent_at: string | null
}

export interface Message {
  seq: number
  kind: MessageKind
  author: { kind: 'agent' | 'customer' | 'system'; name: string }
  channel: string
  body: string
  html: string
  attachments: Attachment[]
  deliveries?: Delivery[]
  trust?: string
  machine?: boolean
  redacted_at?: string | null
  created_at: string
  origin_id: string | null
}

export interface TicketEvent {
  name: string
  actor: { kind?: string; name?: string; id?: number | null } | null
  data: Record<string, unknown>
  at: string
}

export interface Counts {
  mine: number
  unassigned: number
  waiting: number
  snoozed: number
  queues: (QueueRef & { open: number })[]
}

export interface Drafts {
  reply: string
  note: string
}

export interface RoutingCondition {
  field: string
  op: string
  expected: unknown
  actual: unknown
  matched: boolean
  group?: 'all' | 'any' | 'none'
  terms: MatchedTerm[]
}

export interface RoutingStep {
  rule: { id: number; name: string; position: number }
  matched: boolean
  skipped: string | null
  conditions: RoutingCondition[]
}

export interface Routing {
  language: string
  kind: TicketKind | null
  rule: Named | null
  queue: QueueRef | string | null
  steps: RoutingStep[]
  text: string
  at: string
}

export interface Macro extends Named {
  body: string
  language: string
  actions: Record<string, unknown>
}

export interface ArticleHit {
  id: number
  title: string
  excerpt: string
  language: string
  url: string
  audience: 'public' | 'agents'
  category: string | { name: string } | null
}

export interface Article extends ArticleHit {
  body_html: string
  body_text: string
}

export type Trust = 'verified' | 'claimed' | 'anonymous'

export interface Contact {
  value: string
  verified: boolean
}

export interface Customer extends Named {
  emails: Contact[]
  phones: Contact[]
  organization: string | Named | null
  locale: string
  note: string
  fields: Record<string, unknown>
  trust: Trust
  open_tickets: number
  csat: { mean: number | null; n: number } | null
}

export interface TimelineEntry {
  kind: 'ticket' | 'chat' | 'call' | 'callback' | 'survey' | 'article' | 'interaction'
  at: string
  title: string
  excerpt: string
  url: string | null
}

export type SessionState = 'waiting' | 'live' | 'ended'

export interface ChatSession {
  id: number | string
  ticket: number
  customer: { id: number; name: string; trust: Trust }
  queue: QueueRef | string
  language: string
  page: string
  state: SessionState
  started_at: string
  accepted_at: string | null
  agent: Named | null
  waits_on: 'agent' | 'customer' | null
  waiting_since: string | null
  last_line: string | { body: string; author?: { kind: string; name: string } } | null
}

export interface ChatLine {
  waiting: ChatSession[]
  mine: ChatSession[]
}

export interface Me {
  id: number
  name: string
  email: string
  role: Role
  teams: (string | Named)[]
  locale: string
  availability: Availability
  chat_capacity: number
  capabilities: string[]
}

export interface SurveyAnswer {
  id: number
  ticket: { id: number; number: string; subject: string }
  agent: Named | null
  queue: QueueRef | null
  score: number
  comment: string
  answered_at: string
  customer: Named | null
}

export interface SatisfactionGroup {
  key: string | number
  name: string
  n: number
  mean: number | null
  csat: number | null
}

export interface SatisfactionReport {
  n: number
  sent: number
  response_rate: number | null
  mean: number | null
  csat: number | null
  margin: number | null
  groups: SatisfactionGroup[]
}

export interface RuleCondition {
  field: string
  op: string
  value: unknown
}

export type RuleGroup = {
  [quantifier in 'all' | 'any' | 'none']?: (RuleCondition | RuleGroup)[]
}

export interface Rule extends Named {
  position: number
  active: boolean
  stops: boolean
  conditions: RuleGroup
  actions: Record<string, unknown>
}
