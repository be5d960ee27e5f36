/** What rings: an offered chat until it is taken, a word in a chat that is not before one's eyes, a call that is due. */
import { computed, onScopeDispose, watch } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRouter } from 'vue-router'

import { useLive } from '../app/live'
import { onScreen, ring, show } from './alerts'
import { useLine } from './useLine'

const AGAIN_MS = 10_000

export function useAlerts(): void {
  const { t } = useI18n()
  const live = useLive()
  const router = useRouter()
  const { line } = useLine()

  const name = (of: { name: string }): string => of.name || t('customer.visitor')
  const open = (ticket?: number): void =>
    void router.push({ name: 'chats', params: { ticket: ticket ? String(ticket) : '' } })

  /** What waits for a yes of this agent: chats from the line, and those that colleagues hand over. */
  const asked = computed(() => [
    ...live.offers.map((offer) => ({
      tag: `offer-${offer.id}`,
      title: t('chats.offered', { name: name(offer.customer) }),
      text: offer.last_line ?? '',
    })),
    ...(line.data.value?.handovers ?? []).map((held) => ({
      tag: `handover-${held.id}`,
      title: t('chats.handedOver', { name: held.by.name }),
      text: held.line,
    })),
  ])

  const known = new Set<string>()
  let timer: number | undefined
  watch(
    asked,
    (list) => {
      const fresh = list.filter((one) => !known.has(one.tag))
      known.clear()
      for (const one of list) known.add(one.tag)
      for (const one of fresh) show(one.tag, one.title, one.text, open)
      if (fresh.length) ring('offer')
      if (!list.length) stop()
      else timer ??= window.setInterval(() => ring('offer'), AGAIN_MS)
    },
    { immediate: true },
  )
  function stop(): void {
    clearInterval(timer)
    timer = undefined
  }
  onScopeDispose(stop)

  /** One's own chats are followed on every page: a word in them rings wherever one is. */
  const followed = new Map<number, () => void>()
  watch(
    () => line.data.value?.mine.map((one) => one.ticket) ?? [],
    (tickets) => {
      for (const [ticket, leave] of followed) {
        if (tickets.includes(ticket)) continue
        leave()
        followed.delete(ticket)
      }
      for (const ticket of tickets) {
        if (!followed.has(ticket)) followed.set(ticket, live.watchTicket(ticket))
      }
    },
    { immediate: true },
  )
  onScopeDispose(() => followed.forEach((leave) => leave()))

  watch(
    () => live.heard,
    (heard) => {
      if (!heard || !line.data.value?.mine.some((one) => one.ticket === heard.ticket)) return
      if (onScreen.value === heard.ticket && document.hasFocus() && !document.hidden) return
      ring('message')
      show(`chat-${heard.ticket}`, name(heard), heard.text, () => open(heard.ticket))
    },
  )

  watch(
    () => live.callDue,
    (call) => {
      if (!call) return
      ring('call')
      const said = t('chats.callDue', { name: name(call.customer) })
      show(`call-${call.id}`, said, call.topic || call.subject, () => open())
    },
  )
}
