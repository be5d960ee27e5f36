/** The shapes of the rule book as the API speaks them. */

export type Quantifier = 'all' | 'any' | 'none'
export const QUANTIFIERS: readonly Quantifier[] = ['all', 'any', 'none']

export interface Condition {
  field: string
  op: string
  value: unknown
  /** As the request came in, or as the ticket is now. */
  of?: 'original' | 'current'
  case?: boolean
  accents?: boolean
  whole?: boolean
  stem?: boolean | string
  calendar?: string
}

export type Group = { [quantifier in Quantifier]?: Member[] }
export type Member = Condition | Group

export const isCondition = (member: Member): member is Condition => 'field' in member

export type Trigger = 'intake' | 'event' | 'time'
export type Since = 'created' | 'last_message' | 'waiting'

export interface Person {
  id: number
  name: string
}

export interface Problem {
  code: string
  where: string
  value: unknown
  detail: string
}

export interface RuleText {
  name: string
  active: boolean
  stops: boolean
  shadow: boolean
  overwrite: boolean
  trigger: Trigger
  events: string[]
  after: { since: Since; minutes: number } | null
  conditions: Group
  actions: Record<string, unknown>
}

export interface Rule extends RuleText {
  id: number | null
  /** Names a rule of the draft before it has an id. */
  key: string
  position: number
  version: number
  hits: number
  hits_week: number
  last_hit_at: string | null
  warnings: string[]
  shadowed_by: { id: number; name: string } | null
  problems: Problem[]
  change?: 'new' | 'changed' | 'moved' | 'same'
}

export interface Choice {
  value: string | number
  label: string
}

export interface CatalogueField {
  name: string
  label: string
  type: 'text' | 'code' | 'tags' | 'number' | 'hours'
  ops: { name: string; label: string }[]
  choices: Choice[] | null
  /** Whether it may also be asked as it is now. */
  current: boolean
}

export interface CatalogueAction {
  name: string
  label: string
  type: 'queue' | 'priority' | 'kind' | 'tags' | 'user' | 'skills' | 'macro' | 'flag' | 'notify'
  choices: Choice[] | null
}

export interface Catalogue {
  fields: CatalogueField[]
  actions: CatalogueAction[]
  events: { name: string; label: string }[]
  calendars: { slug: string; name: string }[]
}

export interface TestResult {
  id: number
  name: string
  passed: boolean
  differences: { field: string; expected: unknown; actual: unknown }[]
  rule: string | null
}

export interface TestRun {
  number: number | null
  passed: number
  failed: number
  ms: number
  results: TestResult[]
}

export interface Draft {
  exists: boolean
  revision: number
  base: number
  live: number
  is_stale: boolean
  author: Person | null
  updated_at: string | null
  rules: Rule[]
  removed: { id: number; name: string }[]
  problems: number
  tests: TestRun
}

export interface Version {
  number: number
  author: Person | null
  note: string
  published_at: string
  restored_from: number | null
  is_live: boolean
  count: number
  changes: { added: string[]; changed: string[]; removed: string[]; moved: number }
  failed_tests: number
  reason: string
}

export interface WholeVersion extends Version {
  rules: Rule[]
}

export interface TestMessage {
  subject: string
  body: string
  from: string
  channel: string
  mailbox: string
  attachments: string[]
  at: string | null
}

export interface SavedTest {
  id: number
  name: string
  message: TestMessage
  expect: Record<string, unknown>
  active: boolean
}

interface NamedSlug {
  slug: string
  name: string
}

export interface Rerouted {
  ticket: { id: number; number: string; subject: string }
  from: NamedSlug
  to: NamedSlug
  rule: string | null
  fields: Record<string, [unknown, unknown]>
}

export interface Backtest {
  tried: number
  changed: number
  share: number
  ms: number
  against: string
  versus: string
  changes: Rerouted[]
  moves: { from: NamedSlug; to: NamedSlug; count: number }[]
  rules: { id: number | null; key: string; name: string; hits: number }[]
  /** The ticket before which the next slice begins. */
  next?: number | null
}
