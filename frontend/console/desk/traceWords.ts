/** The words of rules for whoever reads an account: names of queues and people, as far as this reader may see them. */
import { useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'

import type { Queue } from '@shared/api/types'

import { api } from '../app/api'
import { keys } from '../app/query'
import { useSession } from '../app/session'
import type { Catalogue } from '../settings/rules/shapes'
import { useRuleWords } from '../settings/rules/words'

export function useTraceWords() {
  const session = useSession()
  const { data: whole } = useQuery({
    queryKey: ['rules', 'fields'],
    queryFn: ({ signal }) => api.get<Catalogue>('rules/fields/', undefined, signal),
    staleTime: 60_000,
    enabled: () => session.can('rule.read'),
  })
  const { data: queues } = useQuery({
    queryKey: keys.queues,
    queryFn: () =>
      api
        .get<Queue[] | { results: Queue[] }>('queues/')
        .then((found) => (Array.isArray(found) ? found : found.results)),
    staleTime: 600_000,
  })
  const catalogue = computed<Catalogue | undefined>(() => {
    if (whole.value) return whole.value
    const choices = (queues.value ?? []).map(({ slug, name }) => ({ value: slug, label: name }))
    const queue = { name: 'queue', label: 'queue', choices }
    return {
      fields: [{ ...queue, type: 'code', ops: [], current: true }],
      actions: [{ ...queue, type: 'queue' }],
      events: [],
      calendars: [],
    }
  })
  return useRuleWords(catalogue)
}
