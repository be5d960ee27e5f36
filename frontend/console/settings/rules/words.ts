/** Rules as sentences, in the reader's language. Codes become names where the catalogue knows them. */
import { computed, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'

import { useFormat } from '../../app/useFormat'
import type { Catalogue, Condition, Group, Member, Quantifier, RuleText } from './shapes'
import { isCondition } from './shapes'
import { spoken } from './terms'

type Say = (key: string, values?: Record<string, unknown>, count?: number) => string

export interface Sayings {
  t: Say
  te: (key: string) => boolean
  number: (value: number) => string
  /** “3 h”, of minutes. */
  span: (minutes: number) => string
  catalogue: Catalogue | undefined
  /** Every term is listed, however many: for comparing two versions. */
  whole?: boolean
}

export const TEXT_FIELDS: readonly string[] = ['text', 'subject', 'body', 'attachments']
const TIME_FIELDS: readonly string[] = ['since_created', 'since_message', 'waiting']
/** More terms than this are counted, not listed: the editor shows them all. */
const LISTED = 6

/** Codes of these fields have words of our own. */
const VOCABULARY: Record<string, string> = {
  channel: 'channel',
  kind: 'kind',
  language: 'language',
  status: 'status',
  priority: 'priority',
}

export class RuleWords {
  readonly #say: Sayings

  constructor(say: Sayings) {
    this.#say = say
  }

  /** The same words with nothing left out. */
  get unabridged(): RuleWords {
    return new RuleWords({ ...this.#say, whole: true })
  }

  /** The name of a field, with the custom part kept: “customer: plan”. */
  field(name: string): string {
    const { t, te, catalogue } = this.#say
    const key = name.replaceAll('.', '_')
    if (te(`field.${key}`)) return t(`field.${key}`)
    const listed = catalogue?.fields.find((one) => one.name === name)
    return listed?.label ?? name
  }

  op(op: string): string {
    const { t, te } = this.#say
    return te(`op.${op}`) ? t(`op.${op}`) : op
  }

  /** One value as people call it. */
  value(field: string, value: unknown): string {
    const { t, te, catalogue } = this.#say
    if (TIME_FIELDS.includes(field) && !Number.isNaN(Number(value))) {
      return this.#say.span(Number(value))
    }
    const choices =
      catalogue?.fields.find((one) => one.name === field)?.choices ??
      catalogue?.actions.find((one) => one.name === field)?.choices
    const chosen = choices?.find((one) => String(one.value) === String(value))
    if (chosen) return chosen.label
    const group = VOCABULARY[field]
    const key = group && `${group}.${String(value)}`
    return key && te(key) ? t(key) : String(value)
  }

  term(term: string): string {
    const { t } = this.#say
    const { text, near, absent } = spoken(term)
    const quoted = t('ruleWords.term', { text })
    const whole = near === null ? quoted : t('ruleWords.near', { term: quoted, words: near })
    return absent ? t('ruleWords.absent', { term: whole }) : whole
  }

  /** “a”, “b” or “c”. */
  list(items: string[], join: 'or' | 'and'): string {
    const { t, number } = this.#say
    if (items.length <= 1) return items[0] ?? ''
    const shown = items.slice(0, LISTED)
    const more = items.length - shown.length
    if (more > 1 && !this.#say.whole) {
      return t('ruleWords.andMore', { list: shown.join(', '), count: number(more) })
    }
    const last = items.at(-1)!
    return t(`ruleWords.${join}`, { list: items.slice(0, -1).join(', '), last })
  }

  condition(condition: Condition): string {
    const { t } = this.#say
    const { field, op, value } = condition
    const values = (Array.isArray(value) ? value : [value]).filter((one) => one !== '')
    const isText = TEXT_FIELDS.includes(field)
    const items = values.map((one) =>
      isText && op !== 'regex' ? this.term(String(one)) : this.value(field, one),
    )
    const name =
      condition.of === 'current'
        ? t('ruleWords.now', { field: this.field(field) })
        : this.field(field)
    const join = op === 'all_words' || op === 'all' ? 'and' : 'or'
    if (field === 'hours') return this.#hours(condition)
    const said = [name, this.op(op), this.list(items, join)].filter(Boolean).join(' ')
    return said + this.#options(condition)
  }

  #hours({ value, calendar }: Condition): string {
    const { t, catalogue } = this.#say
    const said = t(`ruleWords.hours.${value === 'outside' ? 'outside' : 'inside'}`)
    if (!calendar) return said
    const name = catalogue?.calendars.find((one) => one.slug === calendar)?.name ?? calendar
    return `${said} (${name})`
  }

  #options(condition: Condition): string {
    const { t } = this.#say
    const said = [
      condition.case && t('ruleWords.option.case'),
      condition.accents && t('ruleWords.option.accents'),
      condition.whole === false && t('ruleWords.option.part'),
      condition.stem && t('ruleWords.option.stem'),
    ].filter((one): one is string => Boolean(one))
    return said.length ? ` (${said.join(', ')})` : ''
  }

  member(member: Member): string {
    if (isCondition(member)) return this.condition(member)
    return `(${this.conditions(member).join(this.#say.t('ruleWords.andJoin'))})`
  }

  /** One line for each thing that must hold. */
  conditions(group: Group): string[] {
    const { t } = this.#say
    const lines = (quantifier: Quantifier): string[] =>
      (group[quantifier] ?? []).map((member) => this.member(member))
    const any = lines('any')
    const none = lines('none')
    return [
      ...lines('all'),
      ...(any.length === 1 ? any : []),
      ...(any.length > 1 ? [t('ruleWords.any', { list: any.join(t('ruleWords.orJoin')) })] : []),
      ...none.map((line) => t('ruleWords.not', { line })),
    ]
  }

  action(name: string, value: unknown): string {
    const { t, te, catalogue } = this.#say
    const key = `ruleWords.action.${name}`
    if (typeof value === 'boolean') return t(`${key}.${value ? 'on' : 'off'}`)
    if (name === 'notify') return t(key, { value: this.#notified(value) })
    const values = (Array.isArray(value) ? value : [value]).map((one) => this.value(name, one))
    const said = values.join(', ')
    if (te(key)) return t(key, { value: said }, values.length)
    const label = catalogue?.actions.find((one) => one.name === name)?.label ?? name
    return `${label} ${said}`
  }

  #notified(value: unknown): string {
    const { users = [], teams = [] } = (value ?? {}) as { users?: number[]; teams?: string[] }
    const people = users.map((id) => this.value('assignee', id))
    const groups = teams.map((slug) => this.value('notify', slug))
    return this.list([...people, ...groups], 'and')
  }

  actions(actions: Record<string, unknown>): string {
    const said = Object.entries(actions).map(([name, value]) => this.action(name, value))
    return said.length ? this.list(said, 'and') : this.#say.t('ruleWords.nothing')
  }

  trigger(rule: Pick<RuleText, 'trigger' | 'events' | 'after'>): string {
    const { t, catalogue, span } = this.#say
    if (rule.trigger === 'event') {
      const names = rule.events.map(
        (name) => catalogue?.events.find((one) => one.name === name)?.label ?? name,
      )
      return t('ruleWords.trigger.event', { events: this.list(names, 'or') || '…' })
    }
    if (rule.trigger === 'time') {
      const { since = 'created', minutes = 0 } = rule.after ?? {}
      return t(`ruleWords.trigger.${since}`, { span: span(minutes) })
    }
    return t('ruleWords.trigger.intake')
  }

  /** What happens to the rules behind this one. */
  after(rule: Pick<RuleText, 'stops' | 'shadow'>): string {
    const { t } = this.#say
    if (rule.shadow) return t('ruleWords.shadow')
    return t(rule.stops ? 'ruleWords.stops' : 'ruleWords.goesOn')
  }

  switchedOff(sentence: string): string {
    return this.#say.t('ruleWords.switchedOff', { sentence })
  }

  /** The whole rule as one sentence. */
  sentence(rule: RuleText): string {
    const { t } = this.#say
    const conditions = this.conditions(rule.conditions)
    const when = this.trigger(rule)
    const values = { when, then: this.actions(rule.actions), after: this.after(rule) }
    return conditions.length
      ? t('ruleWords.sentence', { ...values, if: conditions.join(t('ruleWords.andJoin')) })
      : t('ruleWords.sentenceAlways', values)
  }
}

export function useRuleWords(catalogue: Ref<Catalogue | undefined>) {
  const { t, te } = useI18n()
  const format = useFormat()
  return computed(
    () =>
      new RuleWords({
        t: (key, values, count) =>
          count === undefined ? t(key, values ?? {}) : t(key, values ?? {}, count),
        te,
        number: format.number,
        span: (minutes) => format.span(minutes * 60),
        catalogue: catalogue.value,
      }),
  )
}
