import { expect, test } from 'vitest'

import type { MailPart } from '@shared/api/mail'

import { calendarMethod, partWords } from './mailParts'

const part = (kind: string, details: Record<string, string> = {}, title = ''): MailPart => ({
  kind,
  title,
  details,
  attachment: null,
})
const when = (start: string, end: string): string => `${start}–${end}`

test('an invitation says when and where, in this order', () => {
  const invitation = part(
    'calendar',
    { location: 'Lyon', start: 'S', end: 'E', timezone: 'Europe/Paris', method: 'REQUEST' },
    'Visite',
  )
  expect(partWords(invitation, when)).toEqual({
    kind: 'calendar',
    title: 'Visite',
    facts: [
      { name: 'when', value: 'S–E (Europe/Paris)' },
      { name: 'location', value: 'Lyon' },
    ],
    url: '',
  })
  expect(calendarMethod(invitation)).toBe('invitation')
  expect(calendarMethod(part('calendar', { method: 'CANCEL' }))).toBe('cancelled')
})

test('signed and encrypted parts are told apart, whichever standard made them', () => {
  expect(partWords(part('pgp-signed'), when).kind).toBe('signed')
  expect(partWords(part('smime-encrypted'), when).kind).toBe('encrypted')
  expect(partWords(part('something-new'), when).kind).toBe('other')
})

test('an attached mail names its sender', () => {
  const mail = part('mail', { from_name: 'Jean', from_address: 'jean@x.example' }, 'Bonjour')
  expect(partWords(mail, when).facts).toEqual([{ name: 'sender', value: 'Jean <jean@x.example>' }])
})

test('a file kept elsewhere is a link only when it is one', () => {
  expect(partWords(part('external', { url: 'https://x.example/a' }), when).url).toBe(
    'https://x.example/a',
  )
  expect(partWords(part('external', { url: 'javascript:alert(1)' }), when).url).toBe('')
})
