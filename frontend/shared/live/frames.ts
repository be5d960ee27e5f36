/* Generated from chat/protocol.py and chat/frames.py by `make api`: do not edit. */

export const CLOSE_BAD_FRAMES = 4400
export const CLOSE_SIGN_IN = 4401
export const CLOSE_NOT_YOURS = 4403
export const CLOSE_RESUME = 4409
export const CLOSE_TOO_LARGE = 4413
export const CLOSE_SLOWER = 4429

export interface Card {
  id: number
  ticket: number | null
  customer: Person
  queue: Slugged
  site: string
  language: string
  page: string
  state: string
  started_at: string
  accepted_at: string | null
  agent: Named | null
  waits_on: string | null
  waiting_since: string | null
  last_line: string | null
}

export interface Named {
  id: number
  name: string
}

export interface Person {
  id: number
  name: string
  trust: string
}

export interface Slugged {
  slug: string
  name: string
}

export interface Author {
  kind: 'agent' | 'customer' | 'system'
  name: string
}

export interface MessageFile {
  id: string
  name: string
  size: number
  type: string
}

export interface MessageAck {
  type: 'message.ack'
  origin_id: string
  ticket: number
  seq: number
  created_at: string
}

export interface MessageNew {
  type: 'message.new'
  ticket: number
  seq: number
  prev: number
  kind: 'public' | 'note'
  channel: string
  author: Author
  body: string
  attachments: MessageFile[]
  created_at: string
  origin_id: string | null
}

export interface MessageChanged {
  type: 'message.changed'
  ticket: number
  seq: number
}

export interface Gap {
  type: 'gap'
  ticket: number
}

export interface Typing {
  type: 'typing'
  ticket: number
  author: Author
}

export interface Seen {
  type: 'seen'
  ticket: number
  seq: number
  by: 'agent' | 'customer'
}

export interface Viewer {
  id: number
  name: string
  writing: boolean
}

export interface Subscribed {
  type: 'subscribed'
  ticket: number
  seq: number
}

export interface Viewers {
  type: 'presence'
  ticket: number
  viewers: Viewer[]
}

export interface Status {
  type: 'presence'
  user: number
  status: 'available' | 'finishing' | 'away' | 'offline'
  reason?: 'idle' | 'back' | 'missed'
}

export interface ChatVisitor {
  type: 'chat.visitor'
  ticket: number
  here: boolean
}

export interface ChatPage {
  type: 'chat.page'
  session: number
  page: string
  title: string
}

export interface ChatWaiting {
  type: 'chat.waiting'
  session: number
  ticket: number | null
  queue: string
}

export interface ChatPlace {
  type: 'chat.waiting'
  session: number
  position: number | null
  wait_s: number | null
  late: boolean
  others?: ('callback' | 'writing')[]
}

export interface ChatOffer {
  type: 'chat.offer'
  session: Card
}

export interface ChatAccepted {
  type: 'chat.accepted'
  session: number
  ticket: number | null
  agent: Named
}

export interface ChatEnded {
  type: 'chat.ended'
  session: number
  ticket: number | null
  by: 'agent' | 'customer' | 'system'
}

export interface Handover {
  id: number
  session: Card
  by: Named
  line: string
  warm: boolean
  until: string
}

export interface ChatHandover {
  type: 'chat.handover'
  handover: Handover
}

export interface ChatHandoverEnded {
  type: 'chat.handover_ended'
  handover: number
  session: number
  how: 'accepted' | 'declined' | 'expired' | 'withdrawn'
}

export interface ChatHanded {
  type: 'chat.handed'
  session: number
  ticket: number | null
  from: Named | null
  to: Named | null
  queue: string
  how: string
}

export interface ChatWatched {
  type: 'chat.watched'
  session: number
  ticket: number | null
  by: Named
}

export interface ChatHelp {
  type: 'chat.help'
  session: number
  ticket: number | null
  by: Named | null
  line: string | null
}

export interface TicketChanged {
  type: 'ticket.changed'
  ticket: number
  queue: string
  version: number
  event: string
}

export interface TicketOffer {
  type: 'ticket.offer'
  ticket: number
  number: string
  subject: string
  until: string
}

export interface TicketOfferGone {
  type: 'ticket.offer_gone'
  ticket: number
}

export interface CallbackChanged {
  type: 'callback.changed'
  id: number
  ticket: number
  state: string
  due_at: string
  queue?: string
  agent?: Named | null
  attempts?: number
}

export interface CallbackDue {
  type: 'callback.due'
  callback: Record<string, unknown>
}

export interface CallChanged {
  type: 'call.changed'
  call: number
  state: 'ringing' | 'answered' | 'ended' | 'missed'
  direction: 'in' | 'out'
  number: string
  agent: Named | null
  ticket: number | null
}

export interface Editor {
  id: number | null
  name: string
}

export interface RulesChanged {
  type: 'rules.changed'
  what: 'published' | 'draft'
  number?: number
  revision?: number
  by: Editor
}

export interface Ping {
  type: 'ping'
}

export interface Refusal {
  type: 'error'
  code: string
  origin_id?: string
  ticket?: number
  session?: number
  id?: string
}

export type ServerFrame =
  | MessageAck
  | MessageNew
  | MessageChanged
  | Gap
  | Typing
  | Seen
  | Subscribed
  | Viewers
  | Status
  | ChatVisitor
  | ChatPage
  | ChatWaiting
  | ChatPlace
  | ChatOffer
  | ChatAccepted
  | ChatEnded
  | ChatHandover
  | ChatHandoverEnded
  | ChatHanded
  | ChatWatched
  | ChatHelp
  | TicketChanged
  | TicketOffer
  | TicketOfferGone
  | CallbackChanged
  | CallbackDue
  | CallChanged
  | RulesChanged
  | Ping
  | Refusal

export type DeskSays =
  | { type: 'hello'; after?: Record<string, number> | null }
  | { type: 'subscribe'; ticket: number }
  | { type: 'unsubscribe'; ticket: number }
  | { type: 'message.send'; origin_id: string; body: string; ticket: number; kind?: 'public' | 'note' | null }
  | { type: 'typing'; ticket: number; kind?: 'public' | 'note' | null }
  | { type: 'seen'; ticket: number; seq: number }
  | { type: 'presence'; status: 'available' | 'finishing' | 'away' | 'offline' }
  | { type: 'chat.accept'; session: number }
  | { type: 'active' }
  | { type: 'pong' }

export type VisitorSays =
  | { type: 'hello'; after?: Record<string, number> | null }
  | { type: 'message.send'; origin_id: string; body: string; ticket?: number | null; attachments?: string[] | null }
  | { type: 'typing'; ticket?: number | null }
  | { type: 'seen'; seq: number; ticket?: number | null }
  | { type: 'pong' }
