/** People at work: skills, weeks, absences, and how queues give tickets out. */

export interface Skill {
  slug: string
  name: string
  name_fr: string
  label: string
  kind: 'language' | 'topic'
  people: number
}

/** A stretch of a week, in the local time of its zone; 0 is Monday. */
export interface WeekSpan {
  weekday: number
  starts: string
  ends: string
}

export interface Absence {
  id: number
  starts_at: string
  ends_at: string
  reason: string
}

export interface Person {
  id: number
  name: string
  email: string
  role: string
  teams: string[]
  timezone: string
  availability: string
  present: boolean
  chat_capacity: number
  ticket_capacity: number | null
  skills: string[]
  shifts: WeekSpan[]
  absences: Absence[]
  working: { now: boolean; code: string; until: string | null; text: string }
  may_change: boolean
}

export type Strategy = 'manual' | 'round_robin' | 'least_busy'

export interface QueueSettings {
  slug: string
  name: string
  team: string
  strategy: Strategy
  skills: string[]
  match_language: boolean
  skill_relax_seconds: number | null
  offer_seconds: number | null
  when_agent_away: 'keep' | 'absent' | 'off_shift'
  calendar: string | null
  waiting: number
}

export interface Calendar {
  slug: string
  name: string
  timezone: string
  hours: WeekSpan[]
  holidays: string[]
  is_default: boolean
  is_open: boolean
  next_change: string | null
}
