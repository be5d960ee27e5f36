/** Rules as sentences. */
import { type Ref } from 'vue'
import { useI18n } from 'vue-i18n'

import type { Queue, RuleCondition, RuleGroup } from '@shared/api/types'

const QUANTIFIERS = ['all', 'any', 'none'] as const

export function useRuleWords(queues: Ref<Queue[] | undefined>) {
  const { t, te } = useI18n()

  const word = (group: string, code: string): string =>
    te(`${group}.${code}`) ? t(`${group}.${code}`) : code

  const show = (value: unknown): string =>
    Array.isArray(value) ? value.map(String).join(', ') : String(value)

  function one(condition: RuleCondition | RuleGroup): string {
    if (!('field' in condition)) return `(${group(condition).join(' ; ')})`
    const { field, op, value } = condition as RuleCondition
    return `${word('field', field)} ${word('op', op)} ${show(value)}`
  }

  function group(conditions: RuleGroup): string[] {
    return QUANTIFIERS.flatMap((quantifier) => {
      const list = conditions[quantifier] ?? []
      if (!list.length) return []
      if (quantifier === 'all') return list.map(one)
      return [t(`rules.quantifier.${quantifier}`, { list: list.map(one).join(' · ') })]
    })
  }

  function conditions(value: RuleGroup): string[] {
    const lines = group(value)
    return lines.length ? lines : [t('rules.always')]
  }

  function action(name: string, value: unknown): string {
    if (name === 'queue') {
      const found = queues.value?.find((queue) => queue.slug === value)
      return t('rules.action.queue', { value: found?.name ?? show(value) })
    }
    if (name === 'priority') {
      return t('rules.action.priority', { value: word('priority', show(value)) })
    }
    if (name === 'kind') return t('rules.action.kind', { value: word('kind', show(value)) })
    if (name === 'tags') return t('rules.action.tags', { value: show(value) })
    return `${name} ${show(value)}`
  }

  const actions = (value: Record<string, unknown>): string =>
    Object.entries(value)
      .map(([name, wanted]) => action(name, wanted))
      .join(' · ')

  return { conditions, actions }
}
