/** What the desk can keep right now: asked while somebody looks, never promised beyond that. */
import type { ApiClient } from '../../shared/api/client'

export interface Slot {
  starts_at: string
  ends_at: string
}

export interface Asap {
  due_at: string
  wait_s: number
  ahead: number
}

export interface Channels {
  open: boolean
  opens_at: string | null
  chat: {
    available: boolean
    reason: null | 'closed' | 'nobody' | 'long'
    agents: number
    wait_s: number | null
  }
  callback: { available: boolean; asap: Asap | null; first: Slot | null }
  writing: { answer_s: number | null }
  files: { accept: string }
}

/** What is known before the first answer. */
export const unknown = (available: boolean, wait_s: number | null): Channels => ({
  open: true,
  opens_at: null,
  chat: { available, reason: null, agents: 0, wait_s },
  callback: { available: false, asap: null, first: null },
  writing: { answer_s: null },
  files: { accept: '' },
})

export const fetchChannels = (api: ApiClient, site: string): Promise<Channels> =>
  api.get<Channels>('chat/channels/', { site })
