/** Three rules to adapt, for a desk that has none yet. They are switched off until somebody has looked at them. */
import { blank } from './draft'
import type { Catalogue, Group, Rule } from './shapes'

type Say = (key: string) => string

const words = (...value: string[]): Group => ({ any: [{ field: 'text', op: 'words', value }] })

export function starters(catalogue: Catalogue, t: Say): Rule[] {
  const queue = catalogue.actions.find((one) => one.name === 'queue')?.choices?.at(-1)?.value
  const rules: Partial<Rule>[] = [
    {
      name: t('starters.urgent'),
      conditions: words('urgent*', '"right now"', '"tout de suite"', 'danger*'),
      actions: { priority: 4 },
      stops: false,
    },
    {
      name: t('starters.money'),
      conditions: words('refund*', 'rembours*', '"money back"', 'invoice*', 'facture*'),
      actions: queue ? { queue } : { tags: ['money'] },
    },
    {
      name: t('starters.waiting'),
      trigger: 'time',
      after: { since: 'waiting', minutes: 1440 },
      actions: { priority: 3 },
      stops: false,
    },
  ]
  return rules.map((rule, at) => ({
    ...blank(rule.name ?? ''),
    ...rule,
    active: false,
    position: at + 1,
  }))
}
