import { beforeEach, expect, test } from 'vitest'

import { useNewTicketDraft } from './newTicketDraft'

const KEY = 'guichet.new-ticket.1'
const open = () => useNewTicketDraft(1, 'fr')

beforeEach(() => localStorage.clear())

test('what was typed is there again when the form is opened anew, as the same request', () => {
  const first = open()
  expect(first.since).toBeNull()
  first.form.subject = 'The kettle'
  first.form.body = 'It leaks.'
  const again = open()
  expect(again.form).toEqual(first.form)
  expect(again.origin).toBe(first.origin)
  expect(again.since).not.toBeNull()
})

test('a form in which nothing was written leaves nothing behind', () => {
  const draft = open()
  draft.form.channel = 'letter'
  draft.form.language = 'en'
  expect(localStorage.getItem(KEY)).toBeNull()
  draft.form.body = 'x'
  expect(localStorage.getItem(KEY)).not.toBeNull()
  draft.form.body = ' '
  expect(localStorage.getItem(KEY)).toBeNull()
})

test('another agent at the same computer starts with an empty form', () => {
  open().form.body = 'Private'
  expect(useNewTicketDraft(2, 'en').form.body).toBe('')
})

test('what was discarded is gone, and can be brought back', () => {
  const draft = open()
  draft.form.body = 'It leaks.'
  const restore = draft.discard()
  expect(open().form.body).toBe('')
  restore()
  expect(open().form.body).toBe('It leaks.')
})

test('a broken copy does not stop anybody', () => {
  localStorage.setItem(KEY, '{')
  expect(open().form.body).toBe('')
})
