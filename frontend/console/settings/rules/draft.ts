/** The list of rules while it is being changed: pure steps, each giving a new list. */
import { uuid } from '@shared/text/uuid'

import type { Group, Member, PlacedRule, Quantifier, Rule, RuleText } from './shapes'
import { isCondition, QUANTIFIERS } from './shapes'

/** What the server is told of a rule; the rest it knows better. */
export type SentRule = RuleText & { id: number | null; key: string }

export function sent(rule: PlacedRule): SentRule {
  const { id, key = '', name, active, stops, shadow, overwrite, trigger, events, after } = rule
  const { conditions, actions } = rule
  return {
    ...{ id, key, name, active, stops, shadow, overwrite, trigger, events, after },
    conditions: tidy(conditions),
    actions,
  }
}

/** Empty groups say nothing: they are left out. */
export function tidy(group: Group): Group {
  const out: Group = {}
  for (const quantifier of QUANTIFIERS) {
    const members = (group[quantifier] ?? [])
      .map((member): Member => (isCondition(member) ? member : tidy(member)))
      .filter((member) => isCondition(member) || Object.keys(member).length)
    if (members.length) out[quantifier] = members
  }
  return out
}

export const sameList = (a: Rule[], b: Rule[]): boolean =>
  JSON.stringify(a.map(sent)) === JSON.stringify(b.map(sent))

/** Two rules with the same text, wherever they stand. */
export const sameText = (a: PlacedRule, b: PlacedRule): boolean =>
  JSON.stringify({ ...sent(a), key: '' }) === JSON.stringify({ ...sent(b), key: '' })

const numbered = (rules: Rule[]): Rule[] =>
  rules.map((rule, at) => (rule.position === at + 1 ? rule : { ...rule, position: at + 1 }))

/** The list with the rule at `from` taken out and put in so that it then stands at `to`. */
export function moved(rules: Rule[], from: number, to: number): Rule[] {
  const rule = rules[from]
  const goal = Math.max(0, Math.min(to, rules.length - 1))
  if (!rule || goal === from) return rules
  const rest = rules.filter((_, at) => at !== from)
  return numbered([...rest.slice(0, goal), rule, ...rest.slice(goal)])
}

export const changed = (rules: Rule[], key: string, change: Partial<RuleText>): Rule[] =>
  rules.map((rule) => (rule.key === key ? { ...rule, ...change } : rule))

export const removed = (rules: Rule[], key: string): Rule[] =>
  numbered(rules.filter((rule) => rule.key !== key))

export function blank(name: string): Rule {
  return {
    id: null,
    key: uuid(),
    name,
    position: 0,
    active: true,
    stops: true,
    shadow: false,
    overwrite: false,
    trigger: 'intake',
    events: [],
    after: null,
    conditions: {},
    actions: {},
    version: 0,
    hits: 0,
    hits_week: 0,
    last_hit_at: null,
    warnings: [],
    shadowed_by: null,
    problems: [],
    change: 'new',
  }
}

export const copied = (rule: Rule, name: string): Rule => ({
  ...blank(name),
  ...structuredClone(toPlain(sent(rule))),
  id: null,
  key: uuid(),
  name,
})

const toPlain = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T

export const inserted = (rules: Rule[], rule: Rule, at: number): Rule[] =>
  numbered([...rules.slice(0, at), rule, ...rules.slice(at)])

/**
 * The server's list with our own words where both know a rule: it adds counts, warnings and ids to what
 * may have been typed on meanwhile.
 */
export function refreshed(ours: Rule[], theirs: Rule[]): Rule[] {
  const known = new Map(theirs.map((rule) => [rule.key, rule]))
  return ours.map((rule) => {
    const fresh = known.get(rule.key)
    return fresh ? { ...fresh, ...sent(rule), id: fresh.id } : rule
  })
}

/* Conditions: a group with one member replaced, added or taken out. */

export function withMember(group: Group, list: Quantifier, at: number, member: Member): Group {
  const members = [...(group[list] ?? [])]
  members[at] = member
  return { ...group, [list]: members }
}

export const withAdded = (group: Group, list: Quantifier, member: Member): Group => ({
  ...group,
  [list]: [...(group[list] ?? []), member],
})

export function withoutMember(group: Group, list: Quantifier, at: number): Group {
  const members = (group[list] ?? []).filter((_, place) => place !== at)
  const rest = { ...group }
  delete rest[list]
  return members.length ? { ...rest, [list]: members } : rest
}

/** From one list of the group to another, at its end. */
export function withShifted(group: Group, from: Quantifier, at: number, to: Quantifier): Group {
  const member = group[from]?.[at]
  return member ? withAdded(withoutMember(group, from, at), to, member) : group
}
