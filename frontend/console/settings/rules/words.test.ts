import { createI18n } from 'vue-i18n'
import { expect, test } from 'vitest'

import enCommon from '../../app/locales/en.json'
import frCommon from '../../app/locales/fr.json'
import en from '../../app/locales/rules/en.json'
import fr from '../../app/locales/rules/fr.json'
import { blank } from './draft'
import type { Catalogue, Rule } from './shapes'
import { RuleWords } from './words'

const i18n = createI18n({
  legacy: false,
  locale: 'en',
  messages: { en: { ...enCommon, ...en }, fr: { ...frCommon, ...fr } } as never,
  pluralRules: { fr: (choice: number) => (Math.abs(choice) < 2 ? 0 : 1) },
})

const queue = { name: 'queue', label: '', choices: [{ value: 'billing', label: 'Billing' }] }
const catalogue: Catalogue = {
  fields: [{ ...queue, type: 'code', ops: [], current: true }],
  actions: [{ ...queue, type: 'queue' }],
  events: [{ name: 'message.posted', label: 'Somebody wrote' }],
  calendars: [{ slug: 'shop', name: 'Shop hours' }],
}

function words(locale: 'en' | 'fr'): RuleWords {
  i18n.global.locale.value = locale
  const { t, te } = i18n.global as unknown as {
    t: (key: string, values: object, count?: number) => string
    te: (key: string) => boolean
  }
  return new RuleWords({
    t: (key, values, count) =>
      count === undefined ? t(key, values ?? {}) : t(key, values ?? {}, count),
    te,
    number: String,
    span: (minutes) => `${minutes} min`,
    catalogue,
  })
}

const text = (...value: string[]) => ({ field: 'text', op: 'words', value })
const rule = (given: Partial<Rule>): Rule => ({ ...blank('r'), ...given })

test('a rule reads as a sentence in English', () => {
  const said = words('en').sentence(
    rule({
      conditions: {
        all: [text('refund*', '"money back"'), { field: 'channel', op: 'in', value: ['email'] }],
        none: [text('offer')],
      },
      actions: { queue: 'billing', priority: 3, tags: ['money', 'vip'] },
    }),
  )
  expect(said).toBe(
    'When a request comes in and text contains “refund*” or “money back”, and channel is E-mail, and ' +
      'not: text contains “offer”: send to Billing, make the priority High and add the tags money, vip; ' +
      'the rules below are not tried.',
  )
})

test('a rule reads as a sentence in French, quotes never doubled', () => {
  const said = words('fr').sentence(
    rule({
      conditions: { any: [text('"remise en main"'), text('"carte débit*"~5', '-offre')] },
      actions: { tags: ['argent'] },
      stops: false,
    }),
  )
  expect(said.replace(/[\u00a0\u202f]/g, ' ')).toBe(
    'Quand une demande arrive et que l’un de : le texte contient « remise en main », ou le texte ' +
      'contient « carte débit* » à 5 mots près ou mais pas « offre » : ajouter l’étiquette argent ; les ' +
      'règles suivantes peuvent compléter.',
  )
})

test('groups in groups, options, hours and time are said', () => {
  const w = words('en')
  expect(w.member({ any: [text('a'), { all: [text('b'), text('c')] }] })).toBe(
    '(one of: text contains “a”, or (text contains “b”, and text contains “c”))',
  )
  expect(w.condition({ ...text('a'), case: true, whole: false, of: 'current' })).toBe(
    'text (as it is now) contains “a” (capitals count, also inside words)',
  )
  expect(w.condition({ field: 'hours', op: 'is', value: 'outside', calendar: 'shop' })).toBe(
    'outside opening hours (Shop hours)',
  )
  expect(w.trigger({ trigger: 'time', events: [], after: { since: 'waiting', minutes: 90 } })).toBe(
    'the customer has waited 90 min',
  )
  expect(w.trigger({ trigger: 'event', events: ['message.posted'], after: null })).toBe(
    'this happens: Somebody wrote',
  )
})

test('many terms are counted in the list and told in full when versions are compared', () => {
  const many = text(...Array.from({ length: 9 }, (_, at) => `w${at}`))
  expect(words('en').condition(many)).toContain('“w5” … and 3 more')
  expect(words('en').unabridged.condition(many)).toContain('“w7” or “w8”')
})
