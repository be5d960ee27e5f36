/** The chats of the screen: which are shown, which one has the keys, and the keys themselves. */
import { computed, nextTick, onScopeDispose, ref, type Ref, watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'

import { useLive } from '../app/live'
import { useShortcuts } from '../app/shortcuts'
import { onScreen } from './alerts'
import { command, type DeskChat, type Guest } from './hands'
import { layout, placed, room } from './places'
import { useLine, useLiveChats } from './useLine'
import { waitedSeconds } from './waits'

interface Stage {
  phone: Ref<boolean>
  width: Ref<number>
  now: Ref<Date>
  /** Into the box of a chat that is on screen. */
  focus: (session: DeskChat) => void
}

export function useChats({ phone, width, now, focus }: Stage) {
  const route = useRoute()
  const router = useRouter()
  const live = useLive()
  const { line, take } = useLine()

  const waiting = computed(() => line.data.value?.waiting ?? [])
  const mine = computed(() => line.data.value?.mine ?? [])
  const beside = computed(() => line.data.value?.beside ?? [])
  const { data: others, dataUpdatedAt } = useLiveChats()
  const seen = ref<{ chat: DeskChat; at: number } | null>(null)
  /** As it is now; whatever ended or was taken by somebody is looked on at no more. */
  const watched = computed(() => {
    const known = others.value?.find((one) => one.id === seen.value?.chat.id)
    return known ?? seen.value?.chat ?? null
  })
  watch([others, mine], () => {
    const chat = seen.value?.chat
    if (!chat || dataUpdatedAt.value <= (seen.value?.at ?? 0)) return
    const goesOn = others.value?.some((one) => one.id === chat.id)
    if (!goesOn || mine.value.some((one) => one.id === chat.id)) seen.value = null
  })
  const all = computed<DeskChat[]>(() => [
    ...(watched.value ? [watched.value] : []),
    ...mine.value.filter((one) => one.id !== watched.value?.id),
    ...beside.value,
  ])

  const ticket = computed(() => (route.params.ticket ? Number(route.params.ticket) : null))
  const active = computed<DeskChat | undefined>(
    () =>
      all.value.find((one) => one.ticket === ticket.value) ??
      (phone.value ? undefined : all.value[0]),
  )
  const columns = computed<DeskChat[]>(() => {
    if (phone.value) return active.value ? [active.value] : []
    return placed(all.value, active.value, room(layout.value, width.value))
  })
  watch(active, (chat) => (onScreen.value = chat?.ticket ?? null), { immediate: true })
  onScopeDispose(() => (onScreen.value = null))

  function guestOf(session: DeskChat): Guest | undefined {
    if (session.id === watched.value?.id) return 'watching'
    return beside.value.some((one) => one.id === session.id) ? 'beside' : undefined
  }

  function activate(session: DeskChat): void {
    if (session.ticket === ticket.value) return
    void router.replace({ name: 'chats', params: { ticket: String(session.ticket) } })
  }

  async function goTo(session: DeskChat | undefined): Promise<void> {
    if (!session) return
    activate(session)
    await nextTick()
    focus(session)
  }

  async function watchChat(session: DeskChat): Promise<void> {
    if (!(await command(`sessions/${session.id}/watch/`))) return
    seen.value = { chat: session, at: Date.now() }
    await router.push({ name: 'chats', params: { ticket: String(session.ticket) } })
  }

  /** Among my chats, the one kept waiting longest. */
  function longest(): void {
    const due = mine.value
      .filter((one) => one.waits_on === 'agent')
      .sort((a, b) => (waitedSeconds(b, now.value) ?? 0) - (waitedSeconds(a, now.value) ?? 0))
    void goTo(due[0])
  }

  useShortcuts({ q: () => waiting.value[0] && void take(waiting.value[0]), w: longest })

  /** Digits by position: on French keyboards that row types accents. */
  function onDigit(event: KeyboardEvent): void {
    const slot = /^Digit([1-4])$/.exec(event.code)?.[1]
    if (!slot || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return
    if (document.querySelector('dialog[open]')) return
    const target = event.target as HTMLElement
    if (target.closest('input, textarea, select, [contenteditable]')) return
    void goTo(mine.value[Number(slot) - 1])
  }

  /** A tab closed by accident would leave people waiting. */
  function warn(event: BeforeUnloadEvent): void {
    if (mine.value.length) event.preventDefault()
  }
  document.addEventListener('keydown', onDigit)
  window.addEventListener('beforeunload', warn)
  onScopeDispose(() => {
    document.removeEventListener('keydown', onDigit)
    window.removeEventListener('beforeunload', warn)
  })

  // What is no longer in the line is no longer offered.
  watch(waiting, (list) => {
    const known = new Set(list.map((one) => one.id))
    for (const offer of live.offers) if (!known.has(offer.id)) live.dropOffer(offer.id)
  })

  const unwatch = (): void => void (seen.value = null)

  return { line, active, columns, watched, guestOf, activate, goTo, watchChat, unwatch }
}
