/** What is typed into a form waits in this tab (sessionStorage) until the form has been accepted. */
import { announce } from '../shared/a11y/announcer'
import { t } from './text'

const PREFIX = 'guichet-draft:'
const KEPT = 'input[type=text],input[type=email],input[type=tel],input:not([type]),textarea,select'

type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement

function storage(): Storage | null {
  try {
    return window.sessionStorage
  } catch {
    return null
  }
}

/** Passwords, files, hidden and trap fields are not kept. */
function fieldsOf(form: HTMLFormElement): Field[] {
  return [...form.querySelectorAll<Field>(KEPT)].filter(
    (field) => field.name && !field.closest('[data-trap]'),
  )
}

export function keepDraft(form: HTMLFormElement): void {
  const store = storage()
  const name = PREFIX + form.dataset.draft
  if (!store) return
  const kept = JSON.parse(store.getItem(name) || '{}') as Record<string, string>
  let restored = false
  for (const field of fieldsOf(form)) {
    const value = kept[field.name]
    if (!value || field.value) continue
    field.value = value
    restored = true
  }
  if (restored) {
    form.dispatchEvent(new Event('input', { bubbles: true }))
    announce(t('restored'))
  }
  form.addEventListener('input', () => {
    const values = fieldsOf(form).map((field) => [field.name, field.value] as const)
    try {
      store.setItem(name, JSON.stringify(Object.fromEntries(values.filter(([, value]) => value))))
    } catch {
      // Full or closed: the page still works.
    }
  })
}

export function dropDraft(key: string): void {
  storage()?.removeItem(PREFIX + key)
}

/** A second press while the first is under way changes nothing. */
export function submitOnce(form: HTMLFormElement): void {
  form.addEventListener('submit', (event) => {
    if (form.dataset.busy !== undefined) event.preventDefault()
    else form.dataset.busy = ''
  })
  // Back from the next page out of the browser's memory: the form can be used again.
  window.addEventListener('pageshow', () => delete form.dataset.busy)
}
