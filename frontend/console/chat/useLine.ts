/** The line of waiting visitors and one's own chats, with what can be done to them. */
import { useQuery } from '@tanstack/vue-query'
import { useI18n } from 'vue-i18n'
import { useRouter } from 'vue-router'

import { ApiError } from '@shared/api/client'
import type { ChatSession } from '@shared/api/types'

import { api } from '../app/api'
import { notifyFailure } from '../app/failure'
import { useLive } from '../app/live'
import { keys, queryClient } from '../app/query'
import { useSession } from '../app/session'
import { notify } from '../app/toasts'
import { type DeskChat, type DeskLine, ended } from './hands'

export function useLine() {
  const { t } = useI18n()
  const live = useLive()
  const session = useSession()
  const router = useRouter()
  const line = useQuery({
    queryKey: keys.line,
    queryFn: ({ signal }) => api.get<DeskLine>('chat/line/', undefined, signal),
    refetchInterval: 60_000,
    enabled: () => session.can('chat.take'),
  })

  async function take(session: ChatSession): Promise<void> {
    live.dropOffer(session.id)
    try {
      const taken = await api.post<DeskChat>(`chat/sessions/${session.id}/accept/`)
      queryClient.setQueryData<DeskLine>(keys.line, (known) =>
        known
          ? {
              ...known,
              waiting: known.waiting.filter((one) => one.id !== taken.id),
              mine: [...known.mine.filter((one) => one.id !== taken.id), taken],
            }
          : known,
      )
      await router.push({ name: 'chats', params: { ticket: String(taken.ticket) } })
    } catch (error) {
      if (error instanceof ApiError && error.code === 'already_taken') {
        notify(t('chats.alreadyTaken'))
      } else notifyFailure(error)
    } finally {
      live.refetchLine()
    }
  }

  async function end(session: ChatSession): Promise<void> {
    try {
      await api.post(`chat/sessions/${session.id}/end/`)
      notify(t('chats.ended', { name: session.customer.name }))
      ended.value = session
    } catch (error) {
      notifyFailure(error)
    } finally {
      live.refetchLine()
    }
  }

  return { line, take, end }
}

/** For supervisors: the live chats of their queues, those that ask for help first. */
export function useLiveChats() {
  const session = useSession()
  return useQuery({
    queryKey: [...keys.line, 'live'],
    queryFn: ({ signal }) =>
      api
        .get<{ results: DeskChat[] }>('chat/live/', undefined, signal)
        .then((found) => found.results),
    refetchInterval: 30_000,
    enabled: () => session.can('chat.watch'),
  })
}
