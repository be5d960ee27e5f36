/** What mail brings to a conversation, and how mail is set up: the generated shapes by their names here. */
import type { Schemas, Whole } from './whole'

/** Somebody as a mail names him; the name may be ''. */
export type MailPerson = Schemas['MailPerson']

/** One mail to one address: `error` is the other server's own words, `text` what they mean. */
export type Delivery = Schemas['DeliveryRef']
export type Envelope = Schemas['EnvelopeRef']
export type Hint = Schemas['HintRef']

/** A part that is neither text nor a plain file: an invitation, a signature, somebody else's mail. */
export type MailPart = Schemas['MailPart']

/** What a message that came or left by mail has beside its words. Frames carry none of it. */
export type MailMembers = Partial<
  Pick<
    Whole<Schemas['Message']>,
    | 'deliveries'
    | 'envelope'
    | 'raw_url'
    | 'hints'
    | 'mail_parts'
    | 'is_folded'
    | 'leaves_at'
    | 'unsent_at'
    | 'can_unsend'
  >
>

export type Recipients = Schemas['Recipients']
export type AgentAddress = Schemas['AgentAddress']

export type QuarantineVerb = Schemas['QuarantineVerb']
export type QuarantineAction = Schemas['BulkInputRequest']['action']
export type HeldMail = Whole<Schemas['QuarantinedMail']>
export type HeldMailDetail = Whole<Schemas['QuarantinedMailDetail']>
export type HeldReason = Schemas['ReasonCount']
export type BulkResult = Schemas['BulkResult']
export type TrustedSender = Schemas['TrustedSender']

export type Mailbox = Whole<Schemas['Mailbox']>
export type MailServer = Mailbox['smtp']
export type ImapServer = Mailbox['imap']
export type Security = Schemas['SecurityEnum']
export type CheckStep = Schemas['Tick']
export type TestStep = Schemas['StepRef']
export type TestAnswer = Schemas['Trial']
export type QueueSignature = Whole<Schemas['Signature']>
