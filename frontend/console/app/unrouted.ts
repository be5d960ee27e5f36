/** What no rule placed: asked for by those who can do something about it. */
import { useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'

import { api } from './api'
import { useSession } from './session'

export interface Unrouted {
  queue: { slug: string; name: string }
  open: number
  waiting: number
  oldest_waiting_since: string | null
  /** Open tickets that no rule placed. */
  unplaced: number
  threshold: number
  alarm: boolean
}

const EVERY_MS = 60_000

export function useUnrouted() {
  const session = useSession()
  const { data } = useQuery({
    queryKey: ['rules', 'unrouted'],
    queryFn: ({ signal }) => api.get<Unrouted>('rules/unrouted/', undefined, signal),
    refetchInterval: EVERY_MS,
    retry: false,
    enabled: () => session.can('rule.read'),
  })
  return computed(() => data.value ?? null)
}
