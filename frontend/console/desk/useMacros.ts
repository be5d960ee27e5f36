/** Macros in the composer: "/" at the start of a word opens the list, the choice goes in at the caret. */
import { useQuery } from '@tanstack/vue-query'
import { computed, ref } from 'vue'
import { useI18n } from 'vue-i18n'

import type { Macro, Ticket } from '@shared/api/types'

import { api } from '../app/api'
import { notifyFailure } from '../app/failure'
import { keys } from '../app/query'
import type { TicketChange } from './changes'
import { insertAtCaret, type SlashTerm, slashTerm } from './insert'

const MOST = 8
const KNOWN_ACTIONS = ['status', 'priority', 'kind', 'tags']

const fold = (value: string): string => value.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()

export function useMacros(ticket: () => Ticket, box: () => HTMLTextAreaElement | undefined) {
  const { t, te } = useI18n()
  const slash = ref<SlashTerm | null>(null)
  const picked = ref(0)
  /** What a macro would also change; each can be struck out before sending. */
  const actions = ref<TicketChange>({})
  /** The macro the text was made from. */
  const madeFrom = ref<number | null>(null)

  const { data } = useQuery({
    queryKey: computed(() => keys.macros(ticket().language)),
    queryFn: () =>
      api
        .get<Macro[] | { results: Macro[] }>('macros/', { language: ticket().language })
        .then((found) => (Array.isArray(found) ? found : found.results)),
    staleTime: 300_000,
    enabled: () => slash.value !== null,
  })

  const matching = computed(() => {
    if (!slash.value) return []
    const term = fold(slash.value.term)
    return (data.value ?? [])
      .filter((macro) => fold(`${macro.name} ${macro.body}`).includes(term))
      .slice(0, MOST)
  })

  const actionItems = computed(() =>
    Object.entries(actions.value).map(([name, value]) => ({ name, label: words(name, value) })),
  )

  function words(name: string, value: unknown): string {
    const key = `${name}.${String(value)}`
    const said = te(key) ? t(key) : Array.isArray(value) ? value.join(', ') : String(value)
    return t('composer.action', {
      what: te(`ticket.${name}`) ? t(`ticket.${name}`) : name,
      to: said,
    })
  }

  function strike(name: string): void {
    const rest = { ...actions.value }
    delete rest[name as keyof TicketChange]
    actions.value = rest
  }

  function look(element: HTMLTextAreaElement): void {
    slash.value = slashTerm(element.value, element.selectionStart)
    picked.value = 0
  }

  async function use(macro: Macro | undefined): Promise<void> {
    const range = slash.value
    if (!macro || !range) return
    slash.value = null
    await insert(macro.id, range)
  }

  /** At the caret, or in place of what was typed to find it. */
  async function insert(macro: number, range?: SlashTerm): Promise<void> {
    const element = box()
    if (!element) return
    try {
      const made = await api.post<{ body: string; actions: Record<string, unknown> }>(
        `macros/${macro}/render/`,
        { ticket: ticket().id },
      )
      insertAtCaret(element, made.body, range)
      madeFrom.value = macro
      actions.value = Object.fromEntries(
        Object.entries(made.actions ?? {}).filter(([name]) => KNOWN_ACTIONS.includes(name)),
      )
    } catch (error) {
      notifyFailure(error)
    }
  }

  /** The button: as if "/" had been typed. */
  function start(): void {
    const element = box()
    if (!element) return
    element.focus()
    const before = element.value[element.selectionStart - 1]
    insertAtCaret(element, before === undefined || /\s/.test(before) ? '/' : ' /')
  }

  /** True when the key moved in, chose from or closed the list. */
  function onKey(event: KeyboardEvent): boolean {
    const length = matching.value.length
    if (!slash.value || !length || event.ctrlKey || event.metaKey) return false
    const moves: Record<string, () => void> = {
      ArrowDown: () => (picked.value = (picked.value + 1) % length),
      ArrowUp: () => (picked.value = (picked.value + length - 1) % length),
      Enter: () => void use(matching.value[picked.value]),
      Tab: () => void use(matching.value[picked.value]),
      Escape: close,
    }
    const move = moves[event.key]
    if (!move) return false
    event.preventDefault()
    event.stopPropagation()
    move()
    return true
  }

  function close(): void {
    slash.value = null
  }

  /** Hands over what the macro brought and forgets it. */
  function take(): { changes: TicketChange; macro: number | null } {
    const found = { changes: actions.value, macro: madeFrom.value }
    actions.value = {}
    madeFrom.value = null
    return found
  }

  return {
    slash,
    picked,
    matching,
    actionItems,
    strike,
    look,
    use,
    insert,
    start,
    onKey,
    close,
    take,
  }
}
