/** The names by which the rule screens know the API's shapes; the shapes themselves are generated. */
import type { Schemas } from '@shared/api/whole'

export type Quantifier = 'all' | 'any' | 'none'
export const QUANTIFIERS: readonly Quantifier[] = ['all', 'any', 'none']

export type Condition = Schemas['RuleCondition']
export type Group = Schemas['RuleGroup']
export type Member = Schemas['RuleMember']

export const isCondition = (member: Member): member is Condition => 'field' in member

export type Trigger = Schemas['TriggerEnum']
export type Since = Schemas['SinceEnum']
export type Problem = Schemas['Problem']

/** A rule of the draft; one that was begun here is not counted and compared yet. */
export type Rule = Omit<Schemas['DraftRule'], 'change' | 'hits_shadow'> &
  Partial<Pick<Schemas['DraftRule'], 'change' | 'hits_shadow'>>
export type RuleText = Pick<
  Rule,
  | 'name'
  | 'active'
  | 'stops'
  | 'shadow'
  | 'overwrite'
  | 'trigger'
  | 'events'
  | 'after'
  | 'conditions'
  | 'actions'
>

/** A rule at its place in a list; one of a published list has no key, and always an id. */
export type PlacedRule = RuleText & Pick<Rule, 'id' | 'position'> & { key?: string }

export type Choice = Schemas['Choice']
export type CatalogueField = Schemas['CatalogueField']
export type CatalogueAction = Schemas['CatalogueAction']
export type Catalogue = Schemas['Catalogue']

export type TestResult = Schemas['TestResult']
export type TestRun = Schemas['TestRun']
export type Draft = Omit<Schemas['DraftShape'], 'rules'> & { rules: Rule[] }
export type Version = Schemas['VersionShape']
export type WholeVersion = Schemas['VersionDetail']

export type TestMessage = Required<Schemas['MessageInput']>
export type SavedTest = Omit<Schemas['SavedTest'], 'message' | 'active'> & {
  message: TestMessage
  active: boolean
}

/** Per field what was said before and what would be said now. */
export type Rerouted = Omit<Schemas['Rerouted'], 'fields'> & {
  fields: Record<string, [unknown, unknown]>
}
export type Backtest = Omit<Schemas['Backtest'], 'changes' | 'next'> & {
  changes: Rerouted[]
  /** The ticket before which the next slice begins. */
  next?: number | null
}
