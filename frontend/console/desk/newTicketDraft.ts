/** A ticket that is being logged: it outlives the closed dialog, a reload and a lost session. */
import { computed, type ComputedRef, reactive, type Ref, ref, watch } from 'vue'

import type { Customer } from '@shared/api/types'
import { uuid } from '@shared/text/uuid'

/** What was typed and chosen. */
export interface NewTicket {
  channel: string
  name: string
  email: string
  phone: string
  subject: string
  body: string
  language: string
  kind: string
  priority: string
  queue: string
}

export interface NewTicketDraft {
  form: NewTicket
  chosen: Ref<Customer | null>
  /** One draft is one request: sent twice, or again after a lost answer, it makes one ticket. */
  origin: string
  /** Since when it waits, when it was begun earlier. */
  since: string | null
  isEmpty: ComputedRef<boolean>
  /** Away with it; what is returned brings it back. */
  discard: () => () => void
}

interface Kept {
  form: NewTicket
  chosen: Customer | null
  origin: string
  at: string
}

/** What somebody wrote himself: a choice of language or channel alone is no draft. */
const WORDS = ['name', 'email', 'phone', 'subject', 'body'] as const

const empty = (language: string): NewTicket => ({
  channel: 'phone',
  name: '',
  email: '',
  phone: '',
  subject: '',
  body: '',
  language,
  kind: '',
  priority: '',
  queue: '',
})

function read(key: string, storage: Storage): Kept | null {
  try {
    return JSON.parse(storage.getItem(key) ?? 'null') as Kept | null
  } catch {
    return null
  }
}

export function useNewTicketDraft(
  owner: number | string,
  language: string,
  storage: Storage = localStorage,
): NewTicketDraft {
  const key = `guichet.new-ticket.${owner}`
  const kept = read(key, storage)
  const form = reactive<NewTicket>({ ...empty(language), ...kept?.form })
  const chosen = ref<Customer | null>(kept?.chosen ?? null)
  const origin = kept?.origin ?? uuid()
  const isEmpty = computed(() => !chosen.value && WORDS.every((name) => !form[name].trim()))

  function write(value: string | null): void {
    try {
      if (value === null) storage.removeItem(key)
      else storage.setItem(key, value)
    } catch {
      // A full or forbidden storage must not stop anybody from typing.
    }
  }

  const stop = watch(
    [form, chosen],
    () => {
      const now: Kept = { form, chosen: chosen.value, origin, at: new Date().toISOString() }
      write(isEmpty.value ? null : JSON.stringify(now))
    },
    { deep: true, flush: 'sync' },
  )

  function discard(): () => void {
    stop()
    const before = storage.getItem(key)
    write(null)
    return () => write(before)
  }

  return { form, chosen, origin, since: kept?.at ?? null, isEmpty, discard }
}
