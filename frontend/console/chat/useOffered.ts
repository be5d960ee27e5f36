/** What the widgets of one's queues offer now, and whom a new chat is offered to first. */
import { useQuery } from '@tanstack/vue-query'

import { api } from '../app/api'
import { keys } from '../app/query'

export interface Offered {
  key: string
  name: string
  chat: boolean
  callback: boolean
  next: string[]
}

export function useOffered() {
  return useQuery({
    queryKey: keys.offered,
    queryFn: ({ signal }) =>
      api.get<{ results: Offered[] }>('chat/offered/', undefined, signal).then((it) => it.results),
    refetchInterval: 60_000,
    staleTime: 0,
  })
}
