/** The names by which the apps know the API's shapes; the shapes themselves are generated. */
import type { MailMembers } from './mail'
import type { Schemas, Whole } from './whole'

export type TicketStatus = Schemas['TicketStatus']
export type TicketKind = Schemas['RequestKind']
export type Priority = Schemas['PriorityEnum']
export type Availability = Schemas['Availability']
export type Role = Schemas['Role']
export type MessageKind = Schemas['MessageKind']
export type Trust = Schemas['CustomerTrust']
export type SessionState = Schemas['StateEnum']

export type Named = Schemas['PersonRef']
export type QueueRef = Schemas['QueueRef']
export type Queue = Whole<Schemas['Queue']>
export type Agent = Omit<Schemas['Agent'], 'availability'> & { availability: Availability }
export type MatchedTerm = Schemas['MatchedTerm']

export type Ticket = Whole<Omit<Schemas['Ticket'], 'kind'>> & { kind: TicketKind | null }
export type Attachment = Omit<Schemas['Attachment'], 'url' | 'content_id'> & {
  url?: string
  /** By this the HTML of a mail names its inline pictures. */
  content_id?: string
}
export type Message = Omit<
  Whole<Schemas['Message']>,
  | 'attachments'
  | 'trust'
  | 'machine'
  | 'redacted_at'
  | 'author'
  | 'channel'
  | 'sensitive'
  | 'copied_from'
  | keyof MailMembers
> &
  MailMembers & {
    attachments: Attachment[]
    author: { kind: Schemas['AuthorKind']; name: string }
    channel: string
    // Messages that come as frames are without these.
    trust?: string
    machine?: string
    redacted_at?: string | null
    sensitive?: Schemas['Message']['sensitive']
    copied_from?: Schemas['Message']['copied_from']
  }
export type TicketEvent = Schemas['Event']
export type Counts = Whole<Schemas['Counts']>
export type Drafts = Whole<Schemas['Draft']>
export type Macro = Whole<Schemas['Macro']>

export type ArticleHit = Schemas['Article']
export type Article = Schemas['ArticleDetail']

export type Customer = Whole<Schemas['Customer']>
export type TimelineEntry = Whole<Schemas['TimelineEntry']>
export type ChatSession = Omit<Whole<Schemas['CardOut']>, 'ticket' | 'waits_on'> & {
  // A chat is in the line once its first message has made the ticket.
  ticket: number
  waits_on: Schemas['WaitsOnEnum'] | null
}
export interface ChatLine {
  waiting: ChatSession[]
  mine: ChatSession[]
}

export type Me = Whole<Schemas['Me']>

export type SurveyAnswer = Omit<Whole<Schemas['Survey']>, 'score' | 'answered_at'> & {
  // Only answered ones are listed.
  score: number
  answered_at: string
}
export type SatisfactionGroup = Schemas['SatisfactionGroup']
export type SatisfactionReport = Schemas['Satisfaction']
