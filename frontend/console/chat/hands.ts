/** Chats that change hands: their shapes, and what can be done to them. */
import { ref } from 'vue'

import type { ChatSession, Named } from '@shared/api/types'
import { uuid } from '@shared/text/uuid'

import { api } from '../app/api'
import { notifyFailure } from '../app/failure'

/** Somebody else's chat: looked on at, or accompanied after a warm handover. */
export type Guest = 'watching' | 'beside'

/** A chat as its agents see it. */
export interface DeskChat extends ChatSession {
  unread: number
  visitor_here: boolean
  left_at: string | null
  closes_at: string | null
  help_at: string | null
  help_line: string
  held_out: { id: number; to: Named } | null
}

export interface Handover {
  id: number
  session: ChatSession
  by: Named
  line: string
  warm: boolean
  until: string
}

export interface DeskLine {
  waiting: DeskChat[]
  mine: DeskChat[]
  beside: DeskChat[]
  handovers: Handover[]
}

export interface Targets {
  people: (Named & { availability: string; chats: number; capacity: number })[]
  queues: { slug: string; name: string; free: number }[]
}

/** The chat that has just ended here and may be said a word about. */
export const ended = ref<ChatSession | null>(null)

/** One command; false when it was refused, which is said. */
export async function command(path: string, body?: unknown): Promise<boolean> {
  try {
    await api.post(`chat/${path}`, body)
    return true
  } catch (error) {
    notifyFailure(error)
    return false
  }
}

export const whisper = (session: ChatSession, body: string): Promise<boolean> =>
  command(`sessions/${session.id}/whisper/`, { body, origin_id: uuid() })
