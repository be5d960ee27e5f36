/* Generated from chat/protocol.py by `make api`: do not edit. */

export const CLOSE_BAD_FRAMES = 4400
export const CLOSE_SIGN_IN = 4401
export const CLOSE_NOT_YOURS = 4403
export const CLOSE_RESUME = 4409
export const CLOSE_TOO_LARGE = 4413
export const CLOSE_SLOWER = 4429

export interface Author {
  kind: 'agent' | 'customer' | 'system'
  name: string
}

export interface MessageAck {
  type: 'message.ack'
  origin_id: string
  ticket: number
  seq: number
  created_at: string
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

export interface Viewers {
  type: 'presence'
  ticket: number
  viewers: Viewer[]
}

export interface Status {
  type: 'presence'
  user: number
  status: string
}

export interface MessageFile {
  id: string
  name: string
  size: number
  type: string
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

export interface TicketChanged {
  type: 'ticket.changed'
  ticket: number
  queue: string
  version: number
  event: string
}

export interface ChatAccepted {
  type: 'chat.accepted'
  session: number
  ticket: number | null
  agent: Record<string, unknown>
}

export interface ChatEnded {
  type: 'chat.ended'
  session: number
  ticket: number | null
  by: string
}

export interface TicketOfferGone {
  type: 'ticket.offer_gone'
  ticket: number
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
  | Gap
  | Typing
  | Seen
  | Viewers
  | Status
  | MessageNew
  | MessageChanged
  | TicketChanged
  | ChatAccepted
  | ChatEnded
  | TicketOfferGone
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
