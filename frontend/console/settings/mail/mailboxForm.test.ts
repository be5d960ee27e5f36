import { expect, test } from 'vitest'

import type { Mailbox, TestStep } from '@shared/api/mail'

import { blankForm, bodyOf, formOf, portFor, saidAbout, wrongFields } from './mailboxForm'

const mailbox = {
  address: 'support@acme.example',
  name: 'Acme',
  aliases: ['help@acme.example', 'aide@acme.example'],
  queue: { slug: 'billing', name: 'Billing' },
  active: true,
  signature: 'Acme',
  signature_fr: '',
  imap: {
    host: 'imap.acme.example',
    port: 993,
    security: 'ssl',
    user: 'support',
    has_secret: true,
    folder: 'INBOX',
    done_folder: 'Guichet',
  },
  smtp: { host: '', port: 587, security: 'starttls', user: '', has_secret: false },
} as Mailbox

test('a stored secret never comes into the form, and is not sent unless typed', () => {
  const form = formOf(mailbox)
  expect(form.imap.secret).toBe('')
  expect(bodyOf(form).imap).toEqual({
    host: 'imap.acme.example',
    port: 993,
    security: 'ssl',
    user: 'support',
    folder: 'INBOX',
    done_folder: 'Guichet',
  })
  form.imap.secret = 'new one'
  expect(bodyOf(form).imap).toMatchObject({ secret: 'new one' })
})

test('aliases are typed one a line or separated as people like', () => {
  const form = { ...blankForm('billing'), aliases: ' a@x.example, b@x.example\nc@x.example ' }
  expect(bodyOf(form).aliases).toEqual(['a@x.example', 'b@x.example', 'c@x.example'])
  expect(formOf(mailbox).aliases).toBe('help@acme.example\naide@acme.example')
})

test('the port follows the security, a port of one’s own stays', () => {
  expect(portFor('imap', 'starttls', '993')).toBe('143')
  expect(portFor('smtp', 'ssl', '587')).toBe('465')
  expect(portFor('smtp', 'ssl', '2525')).toBe('2525')
})

test('each answer of the test stands beside the field that it is about', () => {
  const steps: TestStep[] = [
    { of: 'imap', step: 'name', ok: true, code: '', text: 'Found.' },
    { of: 'imap', step: 'connect', ok: true, code: '', text: 'Connected.' },
    { of: 'imap', step: 'tls', ok: false, code: 'certificate_expired', text: 'Expired.' },
    { of: 'smtp', step: 'login', ok: true, code: '', text: 'Signed in.' },
  ]
  expect(saidAbout(steps, 'imap', 'host')).toEqual({ ok: true, text: 'Connected.' })
  expect(saidAbout(steps, 'imap', 'security')).toEqual({ ok: false, text: 'Expired.' })
  expect(saidAbout(steps, 'smtp', 'user')).toEqual({ ok: true, text: 'Signed in.' })
  expect(saidAbout(steps, 'smtp', 'host')).toBeNull()
})

test('wrong fields are listed in the order of the page', () => {
  const fields = { 'smtp.host': ['No.'], 'imap.host': ['Private.'], address: ['Taken.'] }
  expect(wrongFields(fields)).toEqual([
    ['address', 'Taken.'],
    ['imap.host', 'Private.'],
    ['smtp.host', 'No.'],
  ])
})
