/** The pages that the visitor lets the team see: sent while he agrees, and shown to him as they see them. */
import { reactive } from 'vue'

import type { FileClient } from '../../../shared/api/files'
import type { PageHint } from '../../protocol'
import type { Shared } from './shapes'

type Ask = <T>(work: (api: FileClient) => Promise<T>) => Promise<T>

export class Sharing {
  readonly state = reactive({ on: false, trail: [] as Shared['trail'] })
  readonly #ask: Ask
  #sent = ''

  constructor(ask: Ask) {
    this.#ask = ask
  }

  /** What the server says stands. */
  adopt({ page_shared, trail }: Partial<Shared>): void {
    if (page_shared === undefined) return
    this.state.on = page_shared
    this.state.trail = trail ?? []
    if (!page_shared) this.#sent = ''
  }

  /** He agrees, or has agreed and goes on to another page. */
  async show({ url, title = '' }: PageHint): Promise<void> {
    if (this.#sent === url + title) return
    this.#sent = url + title
    await this.#tell({ consent: true, page: url, title })
  }

  /** Another page: only whoever agreed before is seen there. */
  follow(page: PageHint | null): void {
    if (page && this.state.on)
      this.show(page).catch(() => {
        // The next page is told again.
      })
  }

  /** He no longer agrees: the server keeps nothing of it. */
  async stop(): Promise<void> {
    if (this.state.on) await this.#tell({ consent: false })
  }

  clear(): void {
    this.adopt({ page_shared: false })
  }

  async #tell(body: object): Promise<void> {
    try {
      this.adopt(await this.#ask((api) => api.post<Shared>('chat/session/page/', body)))
    } catch (error) {
      this.#sent = ''
      throw error
    }
  }
}
