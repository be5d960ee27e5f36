/** The account of a routing as the API tells it: every rule in order, what it wanted, what it saw. */
import type { TicketKind } from '@shared/api/types'

export interface FoundTerm {
  term: string
  text: string
  start: number
  end: number
  /** exact, folded, case, accents, wildcard, stem, near, phrase, part or regex. */
  how: string
}

export interface Finding {
  field: string
  op: string
  expected: string[]
  actual: string
  matched: boolean
  group: string
  of?: 'original' | 'current'
  /** Where it stands in the tree: `all.0.any.1`. */
  path?: string
  terms: FoundTerm[]
  note?: string
}

export interface RuleRef {
  id: number
  name: string
  position: number
  version: number
}

export interface Step {
  rule: RuleRef
  matched: boolean
  /** The rule that had stopped before this one. */
  skipped: string | null
  shadow?: boolean
  effect?: 'won' | 'added' | 'none' | 'shadow' | 'skipped' | 'own_effect'
  /** One condition short of holding. */
  near_miss?: boolean
  actions: Record<string, unknown>
  conditions: Finding[]
}

export interface Overwritten {
  field: string
  rule_value: unknown
  value: unknown
  by: { kind: string; id?: number | null; name: string }
  at: string
}

export interface Run {
  id: number
  at: string
  trigger: 'event' | 'time' | 'intake'
  event: string | null
  rule: RuleRef | null
  effect: boolean
  applied: { field: string; from: unknown; to: unknown }[]
  kept: { field: string; value: unknown; reason: string }[]
  stopped: 'depth' | 'count' | null
  number: number | null
}

export interface Explanation {
  language: string
  language_score?: number | null
  kind: TicketKind | null
  priority?: number | null
  tags?: string[]
  spam?: number | null
  rule: RuleRef | null
  queue: { slug: string; name: string }
  assignee?: { id: number; name: string } | null
  actions?: Record<string, unknown>
  would?: Record<string, unknown>
  matched: FoundTerm[]
  steps: Step[]
  text: string
  attachments?: string[]
  /** The version of the list of rules that was in force. */
  number?: number | null
  ms?: number | null
  at: string | null
  overwritten?: Overwritten[]
  runs?: Run[]
}

/** It had a say: it held and nobody had stopped before it. */
export const applied = (step: Step): boolean =>
  step.matched && !step.skipped && !step.shadow && step.effect !== 'own_effect'

/** Whether what the condition is there for came true: one under “none” wants to fail. */
export const held = (finding: Finding): boolean =>
  (finding.path ?? finding.group).split('.').filter((part) => part === 'none').length % 2
    ? !finding.matched
    : finding.matched

/** What the deciding rules found in the text; words found by rules that failed would only confuse. */
export function spansOf(routing: Explanation): FoundTerm[] {
  return routing.steps
    .filter(applied)
    .flatMap((step) => step.conditions)
    .filter((finding) => finding.field !== 'attachments' && held(finding) && finding.matched)
    .flatMap((finding) => finding.terms ?? [])
}

/** Each pair of term and customer's words once, for the key under the text. */
export function uniqueTerms(terms: FoundTerm[]): FoundTerm[] {
  const seen = new Set<string>()
  return terms.filter((term) => {
    const name = `${term.term}|${term.text}|${term.how}`
    return !seen.has(name) && seen.add(name)
  })
}
