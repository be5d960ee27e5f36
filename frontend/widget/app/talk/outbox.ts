/** Lines that the server has not acknowledged: kept in storage, posted in order, each exactly once. */
import { shallowReactive } from 'vue'

import { ApiError } from '../../../shared/api/client'
import { retryDelay } from '../../../shared/live/socket'
import { uuid } from '../../../shared/text/uuid'
import type { Keep } from '../keep'
import type { FileRef } from './shapes'

export interface Line {
  /** The caller's key: the server stores one message for it, however often it is posted. */
  origin_id: string
  body: string
  files: FileRef[]
  at: string
  /** `failed` was tried in vain and is tried again; `refused` waits for the person. */
  state: 'sending' | 'failed' | 'refused'
  reason: string
}

/** Resolves once the server has the line for good. */
export type Deliver = (line: Line) => Promise<void>

const NAME = 'line:'

/** A refusal will be the same next time; anything else is worth another try. */
const isRefusal = (error: unknown): error is ApiError =>
  error instanceof ApiError &&
  error.status >= 400 &&
  error.status < 500 &&
  ![401, 408, 425, 429].includes(error.status)

export class Outbox {
  readonly lines: Line[] = shallowReactive([])
  readonly #keep: Keep
  readonly #deliver: Deliver
  readonly #onFailure: (line: Line) => void
  #running = false
  #attempt = 0
  #timer: number | undefined

  constructor(keep: Keep, deliver: Deliver, onFailure: (line: Line) => void = () => undefined) {
    this.#keep = keep
    this.#deliver = deliver
    this.#onFailure = onFailure
    this.#load()
    keep.watch((name, value) => {
      // Another tab has seen it arrive, or was told to forget.
      if (name.startsWith(NAME) && value === null) this.settle(name.slice(NAME.length))
    })
  }

  add(body: string, files: FileRef[] = [], origin_id: string = uuid()): Line {
    const line: Line = {
      origin_id,
      body,
      files,
      at: new Date().toISOString(),
      state: 'sending',
      reason: '',
    }
    this.lines.push(line)
    this.#keep.set(NAME + origin_id, JSON.stringify({ origin_id, body, files, at: line.at }))
    void this.flush()
    return line
  }

  /** The server has it: by acknowledgement, by its echo, or by the history. */
  settle(origin_id: string): void {
    this.#drop(origin_id)
  }

  retry(origin_id: string): void {
    this.#change(origin_id, { state: 'sending', reason: '' })
    this.#attempt = 0
    void this.flush()
  }

  /** Gives the text back to be changed; the line is no longer ours to send. */
  take(origin_id: string): string {
    const body = this.lines.find((line) => line.origin_id === origin_id)?.body ?? ''
    this.#drop(origin_id)
    return body
  }

  clear(): void {
    clearTimeout(this.#timer)
    for (const line of [...this.lines]) this.#drop(line.origin_id)
  }

  /** Posts what waits, oldest first. A line that cannot go holds those behind it: order is kept. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer)
    if (this.#running) return
    this.#running = true
    try {
      for (let line = this.#next(); line; line = this.#next()) {
        if (!(await this.#post(line))) break
      }
    } finally {
      this.#running = false
    }
  }

  #next(): Line | undefined {
    return this.lines.find((line) => line.state !== 'refused')
  }

  /** False when the line stays and the ones behind it must wait. */
  async #post(line: Line): Promise<boolean> {
    try {
      await this.#deliver(line)
    } catch (error) {
      const refusal = isRefusal(error)
      const state = refusal ? 'refused' : 'failed'
      const changed = this.#change(line.origin_id, {
        state,
        reason: refusal ? reasonOf(error) : '',
      })
      if (changed) this.#onFailure(changed)
      if (!refusal) this.#later()
      return refusal
    }
    this.#attempt = 0
    this.#drop(line.origin_id)
    return true
  }

  #later(): void {
    // Slowly: the person has a button, and the line's return flushes at once.
    this.#timer = window.setTimeout(() => void this.flush(), retryDelay(this.#attempt + 3))
    this.#attempt += 1
  }

  #change(origin_id: string, change: Partial<Line>): Line | undefined {
    const at = this.lines.findIndex((line) => line.origin_id === origin_id)
    if (at < 0) return undefined
    return (this.lines[at] = { ...this.lines[at]!, ...change })
  }

  #drop(origin_id: string): void {
    this.#keep.set(NAME + origin_id, '')
    const at = this.lines.findIndex((line) => line.origin_id === origin_id)
    if (at >= 0) this.lines.splice(at, 1)
  }

  #load(): void {
    for (const name of this.#keep.names(NAME)) {
      try {
        const kept = JSON.parse(this.#keep.get(NAME + name)) as Line
        this.lines.push({ ...kept, files: kept.files ?? [], state: 'sending', reason: '' })
      } catch {
        this.#keep.set(NAME + name, '')
      }
    }
    this.lines.sort((a, b) => a.at.localeCompare(b.at))
  }
}

function reasonOf(error: ApiError): string {
  return Object.values(error.fields).flat()[0] || error.detail || error.title
}
