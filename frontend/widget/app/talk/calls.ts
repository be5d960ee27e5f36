/** The call that was arranged: the one under way stays known, whoever changes it and wherever. */
import { shallowRef } from 'vue'

import type { FileClient } from '../../../shared/api/files'

type Ask = <T>(work: (api: FileClient) => Promise<T>) => Promise<T>

export interface Phone {
  e164: string
  national: string
  international: string
}

export interface Callback {
  id: number
  /** Of the request that it belongs to. */
  number: string
  state: 'waiting' | 'taken' | 'reached' | 'missed' | 'wrong_number' | 'cancelled'
  asap: boolean
  due_at: string
  due_in_s: number
  phone: Phone
  position: number | null
  attempts: number
  can_change: boolean
  version: number
  calendar_url: string
}

/** What is asked of the server; `starts_at` null is as soon as possible. */
export interface Wish {
  origin_id: string
  number: string
  region: string
  starts_at: string | null
  topic: string
  email: string
  recording: boolean
}

export const isOpen = (one: Callback | null): boolean =>
  one?.state === 'waiting' || one?.state === 'taken'

export class Calls {
  readonly #current = shallowRef<Callback | null>(null)
  readonly #ask: Ask

  constructor(ask: Ask) {
    this.#ask = ask
  }

  /** The last one that was under way here; it may be over by now. */
  get current(): Callback | null {
    return this.#current.value
  }

  async refresh(): Promise<void> {
    const { results } = await this.#ask((api) =>
      api.get<{ results: Callback[] }>('chat/callbacks/'),
    )
    const known = results.find(({ id }) => id === this.current?.id)
    this.#current.value = results.find(isOpen) ?? known ?? null
  }

  ask(wish: Wish): Promise<void> {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
    return this.#set((api) => api.post('chat/callbacks/', { ...wish, zone, consent: true }))
  }

  move({ id, version }: Callback, starts_at: string | null): Promise<void> {
    return this.#set((api) => api.patch(`chat/callbacks/${id}/`, { version, starts_at }))
  }

  cancel({ id }: Callback): Promise<void> {
    return this.#set((api) => api.delete(`chat/callbacks/${id}/`))
  }

  clear(): void {
    this.#current.value = null
  }

  async #set(work: (api: FileClient) => Promise<Callback>): Promise<void> {
    this.#current.value = await this.#ask(work)
  }
}
