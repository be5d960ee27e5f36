/** What the desk has learned, as the API tells it. Shares are of one. */
export interface LearnedModel {
  id: number
  task: 'queue' | 'kind' | 'macro' | 'spam'
  language: string
  labels: number
  examples: number
  /** Tickets kept from it, on which it was measured. */
  held_back: number
  accuracy: number | null
  /** What always saying the most frequent would reach. */
  baseline: number | null
  confident: { limit: number; share: number; accuracy: number | null } | null
  trained_at: string
  in_force: boolean
  reason: string
  caught?: number | null
  false_alarms?: number | null
}

export interface Learning {
  models: LearnedModel[]
  training: boolean
  marks: { spam: number; not_spam: number }
}

export interface LearningChoices {
  hold_spam: boolean
  spam_limit: number
  /** Null: never by itself; else the confidence above which it fills. */
  fill_queue: number | null
  fill_kind: number | null
}
