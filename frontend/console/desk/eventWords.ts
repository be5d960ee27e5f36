/** Events as sentences. Codes and ids come from the server; the words are ours. */
import { useQueryClient } from '@tanstack/vue-query'
import { useI18n } from 'vue-i18n'

import type { Agent, Queue, TicketEvent } from '@shared/api/types'

import { keys } from '../app/query'
import { useSession } from '../app/session'

export function useEventWords(): (event: TicketEvent) => string {
  const { t, te } = useI18n()
  const client = useQueryClient()
  const session = useSession()

  function queueName(slug: unknown): string {
    const queues = client.getQueryData<Queue[]>(keys.queues)
    return queues?.find((queue) => queue.slug === slug)?.name ?? String(slug ?? '')
  }

  function agentName(id: unknown): string {
    if (id === null || id === undefined) return t('ticket.nobody')
    if (id === session.me?.id) return session.name
    for (const [, agents] of client.getQueriesData<Agent[]>({ queryKey: ['agents'] })) {
      const agent = agents?.find((one) => one.id === id)
      if (agent) return agent.name
    }
    return t('event.someAgent')
  }

  const word = (group: string, code: unknown): string =>
    te(`${group}.${String(code)}`) ? t(`${group}.${String(code)}`) : String(code ?? '')

  function changed(data: Record<string, unknown>): string {
    const pair = (name: string): unknown[] | null =>
      Array.isArray(data[name]) ? (data[name] as unknown[]) : null
    const priority = pair('priority')
    if (priority) return t('event.priority', { to: word('priority', priority[1]) })
    const kind = pair('kind')
    if (kind) return t('event.kind', { to: kind[1] ? word('kind', kind[1]) : t('kind.none') })
    const tags = pair('tags')
    if (tags) {
      const names = (tags[1] as string[] | undefined) ?? []
      return names.length ? t('event.tags', { tags: names.join(', ') }) : t('event.tagsNone')
    }
    if ('subject' in data) return t('event.subject')
    if ('snoozed' in data) return data.snoozed ? t('event.snoozed') : t('event.woken')
    return t('event.changed')
  }

  function what(event: TicketEvent): string {
    const { data } = event
    switch (event.name) {
      case 'ticket.opened':
        return t('event.opened', { channel: word('channel', data.channel) })
      case 'ticket.routed':
        return t('event.routed', { queue: queueName(data.to) })
      case 'ticket.assigned':
        if (data.to !== null && agentName(data.to) === event.actor.name) return t('event.took')
        return data.to === null
          ? t('event.unassigned')
          : t('event.assigned', { name: agentName(data.to) })
      case 'ticket.merged':
        return t('event.merged', { number: String(data.into) })
      case 'ticket.took_in':
        return t('event.tookIn', { number: String(data.of) })
      case 'ticket.unmerged':
        return t('event.unmerged', { number: String(data.from) })
      case 'ticket.gave_back':
        return t('event.gaveBack', { number: String(data.of) })
      case 'ticket.split':
        return t('event.split', { number: String(data.into) })
      case 'ticket.linked':
        return t(`event.linked.${String(data.as)}`, { number: String(data.to) })
      case 'ticket.unlinked':
        return t('event.unlinked', { number: String(data.to) })
      case 'ticket.changed':
        return changed(data)
      case 'ticket.status':
        return t('event.status', { to: word('status', data.to) })
      default: {
        const key = `event.${event.name.replace('.', '_')}`
        return te(key)
          ? t(key, { score: String(data.score ?? ''), detail: event.detail })
          : event.name
      }
    }
  }

  return (event) => {
    const who = event.actor.name
    return who ? t('event.by', { who, what: what(event) }) : what(event)
  }
}
