/** The cache of what the server said, and the keys under which it lies. */
import { QueryClient } from '@tanstack/vue-query'

import { ApiError } from '@shared/api/client'

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      gcTime: 10 * 60_000,
      refetchOnWindowFocus: true,
      // A refusal will be refused again; only silence and server faults are worth a second try.
      retry: (count, error) =>
        count < 2 && error instanceof ApiError && (error.status === 0 || error.status >= 500),
      retryDelay: (attempt) => 800 * 2 ** attempt,
    },
  },
})

export const keys = {
  counts: ['counts'] as const,
  queues: ['queues'] as const,
  agents: (queue: string) => ['agents', queue] as const,
  lists: ['tickets'] as const,
  list: (filter: Record<string, string | undefined>) => ['tickets', filter] as const,
  ticket: (id: number) => ['ticket', id] as const,
  messages: (id: number) => ['messages', id] as const,
  recipients: (id: number) => ['recipients', id] as const,
  events: (id: number) => ['events', id] as const,
  links: (id: number) => ['links', id] as const,
  routing: (id: number) => ['routing', id] as const,
  macros: (language: string) => ['macros', language] as const,
  customer: (id: number) => ['customer', id] as const,
  customers: (q: string) => ['customers', q] as const,
  timeline: (id: number) => ['timeline', id] as const,
  line: ['chat-line'] as const,
  offered: ['chat-offered'] as const,
  callbacks: ['callbacks'] as const,
  calls: ['calls'] as const,
  callsNow: ['calls', 'now'] as const,
  phoneSystems: ['phone-systems'] as const,
  surveys: ['surveys'] as const,
  quarantine: (filter: Record<string, string>) => ['quarantine', filter] as const,
  quarantineReasons: ['quarantine-reasons'] as const,
  heldMail: (id: number) => ['held-mail', id] as const,
  trustedSenders: ['trusted-senders'] as const,
  mailboxes: ['mailboxes'] as const,
  signatures: ['signatures'] as const,
  team: ['team'] as const,
  skills: ['skills'] as const,
  calendars: ['calendars'] as const,
  queueSettings: (slug: string) => ['queue-settings', slug] as const,
  rules: ['rules'] as const,
}
