/** The rule book on this screen: what was typed is shown at once, kept here, and saved as the draft a moment later. */
import { useQuery } from '@tanstack/vue-query'
import { computed, onScopeDispose, ref, watch } from 'vue'
import { useI18n } from 'vue-i18n'

import { announce } from '@shared/a11y/announcer'
import { ApiError } from '@shared/api/client'

import { api } from '../../app/api'
import { explain } from '../../app/failure'
import { queryClient } from '../../app/query'
import { useSession } from '../../app/session'
import { notify } from '../../app/toasts'
import { refreshed, sent, type SentRule } from './draft'
import { type Kept, readKept, writeKept } from './kept'
import type { Draft, Rule, Version } from './shapes'
import { useRulesNews } from './useRulesNews'

const PAUSE_MS = 700
const AGAIN_MS = 10_000
const STEPS_BACK = 50

export type SaveState = 'saved' | 'waiting' | 'saving' | 'refused' | 'conflict' | 'unreached'

/** What is wrong with one rule, as the server says it. */
export interface RuleFault {
  index: number
  field: string
  detail: string
}

export const draftKey = ['rules', 'draft'] as const

export function useRuleBook() {
  const { t } = useI18n()
  const session = useSession()
  const owner = session.me?.id ?? 0
  const editable = computed(() => session.can('rule.write'))

  const query = useQuery({
    queryKey: draftKey,
    queryFn: ({ signal }) => api.get<Draft>('rules/draft/', undefined, signal),
    // What another supervisor saved meanwhile is seen on coming back; it never overwrites what is typed here.
    staleTime: 5_000,
  })
  const server = computed(() => query.data.value)
  const rules = ref<Rule[]>([])
  const state = ref<SaveState>('saved')
  const faults = ref<RuleFault[]>([])
  const problem = ref('')
  /** Typed here earlier, on top of a draft that others have changed since. */
  const stray = ref<Kept | null>(null)
  const past: Rule[][] = []
  let revision = 0
  let edits = 0
  let timer: number | undefined

  const touched = computed(() => state.value !== 'saved')

  watch(
    server,
    (draft) => {
      if (!draft || touched.value) return
      take(draft)
      const kept = readKept(owner)
      if (!kept) return
      if (kept.revision === draft.revision) {
        rules.value = refreshed(kept.rules, draft.rules)
        later()
      } else stray.value = kept
    },
    { immediate: true },
  )

  function take(draft: Draft): void {
    revision = draft.revision
    rules.value = draft.rules
  }

  /** Every change goes through here; `said` offers a way back. */
  function change(next: Rule[], said?: string): void {
    if (next === rules.value || !editable.value) return
    past.push(rules.value)
    if (past.length > STEPS_BACK) past.shift()
    rules.value = next
    later()
    if (said) notify(said, { undo })
  }

  function undo(): void {
    const before = past.pop()
    if (!before) return
    rules.value = before
    later()
    announce(t('ruleBook.undone'))
  }

  function later(): void {
    edits += 1
    state.value = 'waiting'
    writeKept(owner, { revision, rules: rules.value, at: new Date().toISOString() })
    clearTimeout(timer)
    timer = window.setTimeout(() => void save(), PAUSE_MS)
  }

  async function save(): Promise<boolean> {
    clearTimeout(timer)
    if (state.value === 'saved') return true
    const upTo = edits
    state.value = 'saving'
    try {
      const body: { revision: number; rules: SentRule[] } = {
        revision,
        rules: rules.value.map(sent),
      }
      const draft = await api.put<Draft>('rules/draft/', body)
      saved(draft, upTo)
      return true
    } catch (error) {
      refused(error)
      return false
    }
  }

  function saved(draft: Draft, upTo: number): void {
    revision = draft.revision
    faults.value = []
    problem.value = ''
    const again = edits !== upTo
    rules.value = again ? refreshed(rules.value, draft.rules) : draft.rules
    state.value = again ? 'waiting' : 'saved'
    if (again) writeKept(owner, { revision, rules: rules.value, at: new Date().toISOString() })
    else writeKept(owner, null)
    queryClient.setQueryData(draftKey, draft)
  }

  function refused(error: unknown): void {
    if (!(error instanceof ApiError)) {
      state.value = 'unreached'
      throw error
    }
    if (error.status === 409) {
      state.value = 'conflict'
      return
    }
    if (error.status === 0 || error.status >= 500) {
      state.value = 'unreached'
      timer = window.setTimeout(() => void save(), AGAIN_MS)
    } else {
      const found = (error.fields.rules ?? []) as unknown[]
      faults.value = found.filter((one): one is RuleFault => typeof one === 'object')
      state.value = 'refused'
    }
    problem.value = faults.value[0]?.detail ?? explain(error)
  }

  /** Somebody saved in between: their list, or ours over it. */
  async function settle(mine: boolean): Promise<void> {
    const ours = rules.value
    const draft = await api.get<Draft>('rules/draft/')
    revision = draft.revision
    queryClient.setQueryData(draftKey, draft)
    if (mine) {
      rules.value = refreshed(ours, draft.rules)
      later()
      return
    }
    state.value = 'saved'
    writeKept(owner, null)
    past.push(ours)
    take(draft)
  }

  function useStray(wanted: boolean): void {
    const kept = stray.value
    stray.value = null
    if (wanted && kept) change(refreshed(kept.rules, rules.value))
    else writeKept(owner, null)
  }

  async function discard(): Promise<void> {
    clearTimeout(timer)
    const ours = rules.value
    if (server.value?.exists) await api.delete('rules/draft/')
    state.value = 'saved'
    faults.value = []
    problem.value = ''
    writeKept(owner, null)
    past.length = 0
    await reload()
    notify(t('ruleBook.discarded'), { undo: () => change(refreshed(ours, rules.value)) })
  }

  async function publish(body: {
    note: string
    reason?: string
    force?: boolean
  }): Promise<Version> {
    const version = await api.post<Version>('rules/publish/', { revision, ...body })
    past.length = 0
    await reload()
    return version
  }

  async function restore(number: number, note: string): Promise<Version> {
    const version = await api.post<Version>(`rules/versions/${number}/restore/`, { note })
    await reload()
    return version
  }

  async function reload(): Promise<void> {
    await queryClient.invalidateQueries({ queryKey: ['rules'] })
  }

  const news = useRulesNews({
    me: owner,
    revision: () => revision,
    hasTyped: () => edits > 0,
    isSaved: () => !touched.value,
    reload,
    giveWay: () => settle(false),
  })

  function onOnline(): void {
    if (state.value === 'unreached') void save()
  }
  window.addEventListener('online', onOnline)
  onScopeDispose(() => {
    window.removeEventListener('online', onOnline)
    // What is not saved yet goes now; should it fail, it lies in the browser.
    if (state.value === 'waiting') void save().catch(() => undefined)
    clearTimeout(timer)
  })

  return {
    query,
    server,
    rules,
    state,
    faults,
    problem,
    stray,
    news,
    editable,
    touched,
    change,
    save,
    settle,
    useStray,
    discard,
    publish,
    restore,
    reload,
  }
}

export type RuleBook = ReturnType<typeof useRuleBook>
