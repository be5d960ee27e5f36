/** Two independent drafts per ticket, and who is in copy: kept here at once, on the server every two seconds. */
import { reactive } from 'vue'

import type { Drafts, MessageKind } from '@shared/api/types'

export type DraftKind = Exclude<keyof Drafts, 'cc'>

export const draftKind = (kind: MessageKind): DraftKind => (kind === 'note' ? 'note' : 'reply')

interface Backend {
  load: () => Promise<Drafts>
  save: (drafts: Drafts) => Promise<unknown>
}

interface Kept extends Drafts {
  /** Typed here and not yet accepted by the server: then this copy wins. */
  dirty: boolean
}

const SAVE_MS = 2000

export class DraftKeeper {
  readonly text = reactive<Drafts>({ reply: '', note: '', cc: null })
  readonly #key: string
  readonly #backend: Backend
  readonly #storage: Storage
  #timer: number | undefined
  #dirty = false
  #closed = false

  constructor(owner: number, ticket: number, backend: Backend, storage: Storage = localStorage) {
    this.#key = `guichet.draft.${owner}.${ticket}`
    this.#backend = backend
    this.#storage = storage
    const kept = this.#kept()
    if (kept) {
      this.#take(kept)
      this.#dirty = kept.dirty
    }
  }

  /** What was typed in another browser, unless something newer was typed here. */
  async open(): Promise<void> {
    if (this.#dirty) {
      this.#schedule()
      return
    }
    try {
      const saved = await this.#backend.load()
      if (this.#dirty || this.#closed) return
      this.#take(saved)
      this.#keep()
    } catch {
      // The local copy serves until the next save succeeds.
    }
  }

  set<Member extends keyof Drafts>(member: Member, value: Drafts[Member]): void {
    if (this.text[member] === value) return
    Object.assign(this.text, { [member]: value })
    this.#dirty = true
    this.#keep()
    this.#schedule()
  }

  /** Leaving the ticket: what is unsaved is sent now. */
  close(): void {
    this.#closed = true
    if (this.#timer !== undefined) {
      clearTimeout(this.#timer)
      this.#timer = undefined
      void this.#save()
    }
  }

  #take({ reply, note, cc }: Drafts): void {
    Object.assign(this.text, { reply: reply ?? '', note: note ?? '', cc: cc ?? null })
  }

  #schedule(): void {
    this.#timer ??= window.setTimeout(() => {
      this.#timer = undefined
      void this.#save()
    }, SAVE_MS)
  }

  async #save(): Promise<void> {
    const { reply, note, cc } = this.text
    const sent: Drafts = { reply, note, cc }
    try {
      await this.#backend.save(sent)
    } catch {
      if (!this.#closed) this.#schedule()
      return
    }
    if (reply === this.text.reply && note === this.text.note && cc === this.text.cc) {
      this.#dirty = false
      this.#keep()
    }
  }

  #keep(): void {
    try {
      const { reply, note, cc } = this.text
      if (!reply && !note && !cc && !this.#dirty) this.#storage.removeItem(this.#key)
      else {
        const kept: Kept = { ...this.text, dirty: this.#dirty }
        this.#storage.setItem(this.#key, JSON.stringify(kept))
      }
    } catch {
      // A full or forbidden storage must not stop anybody from typing.
    }
  }

  #kept(): Kept | null {
    try {
      const raw = this.#storage.getItem(this.#key)
      return raw ? (JSON.parse(raw) as Kept) : null
    } catch {
      return null
    }
  }
}
