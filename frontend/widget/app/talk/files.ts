/** Files on their way: each is sent as soon as it is chosen, before there is a conversation too. */
import { shallowReactive } from 'vue'

import { ApiError } from '../../../shared/api/client'
import type { Door } from './door'
import type { FileRef } from './shapes'

export const MOST_FILES = 10
export const MOST_BYTES = 20 * 1024 * 1024

export interface Upload {
  key: number
  name: string
  size: number
  /** An image's own bytes, shown small while it travels. */
  preview: string
  share: number
  state: 'sending' | 'ready' | 'failed'
  reason: '' | 'size' | 'server' | 'network'
  /** The server's words, when it refused. */
  said: string
  stored: FileRef | null
}

export class Files {
  readonly list: Upload[] = shallowReactive([])
  readonly #door: Door
  readonly #stops = new Map<number, AbortController>()
  readonly #bodies = new Map<number, File>()
  #last = 0

  constructor(door: Door) {
    this.#door = door
  }

  get isBusy(): boolean {
    return this.list.some(({ state }) => state === 'sending')
  }

  get ready(): FileRef[] {
    return this.list.flatMap(({ stored }) => stored ?? [])
  }

  /** Takes what there is room for; returns how many were left out. */
  add(files: Iterable<File>): number {
    let left = 0
    for (const file of files) {
      if (this.list.length >= MOST_FILES) {
        left += 1
        continue
      }
      const key = (this.#last += 1)
      this.#bodies.set(key, file)
      this.list.push({
        key,
        name: file.name || 'image.png',
        size: file.size,
        preview: /^image\/(?:png|jpeg|gif|webp)$/.test(file.type) ? URL.createObjectURL(file) : '',
        share: 0,
        state: 'sending',
        reason: '',
        said: '',
        stored: null,
      })
      void this.#send(key)
    }
    return left
  }

  retry(key: number): void {
    this.#change(key, { state: 'sending', share: 0, reason: '', said: '' })
    void this.#send(key)
  }

  /** Cancels it on its way, or takes it back when it has arrived. */
  remove(key: number): void {
    this.#stops.get(key)?.abort()
    const at = this.list.findIndex((one) => one.key === key)
    if (at < 0) return
    const [gone] = this.list.splice(at, 1)
    this.#let(gone!)
    if (gone!.stored)
      this.#door.api.delete(`chat/session/files/${gone!.stored.id}/`).catch(() => undefined)
  }

  /** Gives the files to a line: they are no longer ours. Those that failed stay to be seen. */
  take(): FileRef[] {
    const taken = this.ready
    for (const one of this.list.filter(({ stored }) => stored)) {
      this.list.splice(this.list.indexOf(one), 1)
      this.#let(one)
    }
    return taken
  }

  clear(): void {
    for (const { key } of [...this.list]) this.remove(key)
  }

  #let({ key, preview }: Upload): void {
    if (preview) URL.revokeObjectURL(preview)
    this.#bodies.delete(key)
  }

  async #send(key: number): Promise<void> {
    const file = this.#bodies.get(key)!
    if (file.size > MOST_BYTES) return this.#change(key, { state: 'failed', reason: 'size' })
    const stop = new AbortController()
    this.#stops.set(key, stop)
    try {
      const stored = await this.#door.call((api) =>
        api.upload<FileRef>(
          'chat/session/files/',
          file,
          (share) => this.#change(key, { share }),
          stop.signal,
        ),
      )
      this.#change(key, { state: 'ready', share: 1, stored })
    } catch (error) {
      const refused = error instanceof ApiError && error.status >= 400 && error.status < 500
      this.#change(key, {
        state: 'failed',
        reason: refused ? (error.status === 413 ? 'size' : 'server') : 'network',
        said: refused ? Object.values(error.fields).flat()[0] || error.detail : '',
      })
    } finally {
      this.#stops.delete(key)
    }
  }

  #change(key: number, change: Partial<Upload>): void {
    const at = this.list.findIndex((one) => one.key === key)
    if (at >= 0) this.list[at] = { ...this.list[at]!, ...change }
  }
}
