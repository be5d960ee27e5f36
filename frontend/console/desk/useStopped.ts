/** An answer that was not sent because somebody wrote in between: it waits in the composer for a decision. */
import { computed, type ComputedRef, ref, watch } from 'vue'

import type { Message, TicketStatus } from '@shared/api/types'

import { useSession } from '../app/session'
import { type Outgoing, type Stopped, useOutbox } from './outbox'

interface Composer {
  ticket: number
  messages: () => Message[]
  putBack: (item: Outgoing) => void
  send: (status: TicketStatus | null) => void
}

interface StoppedAnswer {
  stop: ComputedRef<Stopped | undefined>
  /** Who wrote in between. */
  by: ComputedRef<string>
  review: () => void
  sendAnyway: () => void
}

export function useStopped({ ticket, messages, putBack, send }: Composer): StoppedAnswer {
  const outbox = useOutbox()
  const session = useSession()
  const stop = computed(() => outbox.stopped[ticket])
  const by = computed(() => {
    const since = stop.value?.since ?? 0
    const unseen = messages().filter(
      (message) => message.seq > since && message.author.name !== session.name,
    )
    return unseen.at(-1)?.author.name ?? ''
  })
  const status = ref<TicketStatus | null>(null)
  watch(
    stop,
    (now) => {
      if (!now) return
      status.value = now.item.status
      putBack(now.item)
    },
    { immediate: true },
  )

  function review(): void {
    outbox.decide(ticket)
  }

  function sendAnyway(): void {
    outbox.decide(ticket)
    send(status.value)
  }

  return { stop, by, review, sendAnyway }
}
