/** What differs between two lists of rules, in the words in which rules are read. */
import { sameText } from './draft'
import type { PlacedRule } from './shapes'
import { type Stretch, wordDiff } from './wordDiff'
import type { RuleWords } from './words'

export interface RuleDiff {
  name: string
  kind: 'added' | 'removed' | 'changed' | 'moved'
  before: string
  after: string
  /** Of a changed rule: one laid over the other. */
  stretches?: Stretch[]
}

/** Rules are the same rule by their id; one that never had an id, by its key. */
const nameOf = (rule: PlacedRule): string =>
  rule.id === null ? `key:${rule.key}` : `id:${rule.id}`

/**
 * The longest run of rules that kept their order stands still; the others were moved. So one rule taken to
 * the top counts as one move, not as one for each rule it passed.
 */
export function movedRules(before: string[], after: string[]): Set<string> {
  const places = after.filter((name) => before.includes(name)).map((name) => before.indexOf(name))
  const best: number[][] = places.map((place) => [place])
  places.forEach((place, at) => {
    for (let earlier = 0; earlier < at; earlier += 1) {
      const run = best[earlier]!
      if (places[earlier]! < place && run.length + 1 > best[at]!.length) best[at] = [...run, place]
    }
  })
  const still = best.reduce<number[]>((one, other) => (other.length > one.length ? other : one), [])
  return new Set(places.filter((place) => !still.includes(place)).map((place) => before[place]!))
}

export function diffRules(before: PlacedRule[], after: PlacedRule[], words: RuleWords): RuleDiff[] {
  const old = new Map(before.map((rule) => [nameOf(rule), rule]))
  const now = new Map(after.map((rule) => [nameOf(rule), rule]))
  const went = movedRules([...old.keys()], [...now.keys()])
  const say = (rule: PlacedRule, how = words): string =>
    rule.active ? how.sentence(rule) : how.switchedOff(how.sentence(rule))
  const found: RuleDiff[] = []
  for (const [name, rule] of now) {
    const was = old.get(name)
    if (!was) found.push({ name: rule.name, kind: 'added', before: '', after: say(rule) })
    else if (!sameText(was, rule)) {
      const title = was.name === rule.name ? rule.name : `${was.name} → ${rule.name}`
      const all = words.unabridged
      const stretches = wordDiff(say(was, all), say(rule, all))
      found.push({ name: title, kind: 'changed', before: say(was), after: say(rule), stretches })
    } else if (went.has(name)) {
      const places = { before: String(was.position), after: String(rule.position) }
      found.push({ name: rule.name, kind: 'moved', ...places })
    }
  }
  for (const [name, rule] of old) {
    if (!now.has(name))
      found.push({ name: rule.name, kind: 'removed', before: say(rule), after: '' })
  }
  return found
}
