/** What is known about a ticket, and how it is known: shapes of the API, and the words for them. */
import { useI18n } from 'vue-i18n'

import type { Ticket } from '@shared/api/types'

import { useFormat } from '../app/useFormat'

export interface SetBy {
  /** agent, customer, form, rule, model, import, mailbox, guess or default. */
  kind: string
  name: string
  rule: number | null
  version: number | null
  user: number | null
}

export interface FoundWord {
  term?: string
  text: string
  start?: number
  end?: number
}

export interface QualifiedField {
  field: string
  value: unknown
  label: string
  by: SetBy
  at: string
  words: FoundWord[]
  confidence: number | null
}

export interface Suggestion {
  id: number
  field: 'queue' | 'kind' | 'macro'
  value: string | number
  label: string
  /** Shares of one: how sure the model is here, how often it was right on tickets it had not seen. */
  confidence: number
  accuracy: number | null
  state: 'open' | 'accepted' | 'rejected' | 'filled'
  words: FoundWord[]
}

export interface SpamVerdict {
  score: number
  limit: number
  held: boolean
  mark: 'spam' | 'not_spam' | null
  by: string
  signs: { code: string; label: string; weight: number }[]
  words: { text: string; weight: number }[]
}

export interface Qualification {
  fields: QualifiedField[]
  spam: SpamVerdict | null
  suggestions: Suggestion[]
}

export interface Duplicate {
  id: number
  number: string
  subject: string
  status: Ticket['status']
  queue: { slug: string; name: string }
  requester: { id: number; name: string }
  created_at: string
  excerpt: string
  same_requester: boolean
  score: number
  words: string[]
}

/** Null in lists, and for a moment after a list row opened the ticket. */
export const qualificationOf = (ticket: Ticket): Qualification | null =>
  (ticket as { qualification?: Qualification | null }).qualification ?? null

export const fieldOf = (ticket: Ticket, field: string): QualifiedField | undefined =>
  qualificationOf(ticket)?.fields.find((one) => one.field === field)

export const openSuggestions = (ticket: Ticket): Suggestion[] =>
  (qualificationOf(ticket)?.suggestions ?? []).filter((one) => one.state === 'open')

/** Each word once, in the customer's own spelling. */
export const spelt = (words: FoundWord[]): string[] => [...new Set(words.map((word) => word.text))]

/** “Set by rule “Refunds” (version 3), 5 min ago, on the words “refund”, “broken””. */
export function useSetWords(): (field: QualifiedField | undefined) => string {
  const { t, te } = useI18n()
  const format = useFormat()

  function who({ by, confidence }: QualifiedField): string {
    const key = `setBy.${by.kind}${by.kind === 'rule' && by.version ? 'Version' : ''}`
    const values = { name: by.name, version: by.version ?? '' }
    const said = te(key) ? t(key, values) : by.name || by.kind
    return confidence === null
      ? said
      : t('setBy.sure', { who: said, share: format.percent(confidence) })
  }

  return (field) => {
    if (!field) return ''
    const parts = [who(field), format.ago(field.at)]
    const words = spelt(field.words)
    if (words.length) {
      const list = words.map((word) => t('setBy.word', { word })).join(', ')
      parts.push(t('setBy.on', { words: list }, words.length))
    }
    return parts.join(' · ')
  }
}
