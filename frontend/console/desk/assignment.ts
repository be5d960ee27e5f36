/** The account of assignment as the API tells it. */
interface Person {
  id: number
  name: string
}

export interface Considered {
  agent: Person
  outcome: 'chosen' | 'available' | 'left_out'
  load: number
  limit: number | null
  reasons: { code: string; text: string }[]
}

export interface Decision {
  at: string
  cause: string
  cause_text: string
  /** How often the same came out in a row. */
  times: number
  outcome: 'assigned' | 'offered' | 'nobody' | 'manual' | 'person'
  agent: Person | null
  text: string
  strategy: string
  skills: { slug: string; label: string }[]
  relaxed: boolean
  considered: Considered[]
  left_out: Record<string, number>
  /** How many further people were left out. */
  more: number
}

export interface Assignment {
  assignee: Person | null
  offer: { agent: Person; until: string; mine: boolean } | null
  strategy: string
  needs: { slug: string; label: string; from: 'language' | 'queue' | 'rule' }[]
  relaxes_at: string | null
  again_at: string | null
  decisions: Decision[]
}
