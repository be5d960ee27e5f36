/** The door to the server: opens or resumes a session, and opens it again when it has run out. */
import { ApiError } from '../../../shared/api/client'
import { FileClient } from '../../../shared/api/files'
import type { Introduction, OpenedSession, Told } from './shapes'
import { subject } from './shapes'

export class Door {
  /** The secret of the session; empty while there is none. */
  token = ''
  identity = ''
  introduce: () => Introduction = () => ({ site: '', language: 'en' })
  readonly api: FileClient
  readonly #told: Told
  readonly #entered: (session: OpenedSession) => Promise<void>
  #resume = ''
  /** The handle that the host page keeps. */
  #handed = ''
  #opening: Promise<void> | null = null

  constructor(told: Told, entered: (session: OpenedSession) => Promise<void>) {
    this.#told = told
    this.#entered = entered
    this.api = new FileClient({
      credentials: 'omit',
      headers: (): Record<string, string> =>
        this.token ? { Authorization: `Session ${this.token}` } : {},
    })
  }

  get hasWayBack(): boolean {
    return !!(this.#resume || this.identity)
  }

  /** True when what the host page says of the visitor is worth opening for. `other` is another person. */
  learn(handle: string, identity: string): { opens: boolean; other: boolean } {
    const known = this.token !== ''
    if (identity && identity !== this.identity) {
      const other = !!this.identity && subject(identity) !== subject(this.identity)
      this.identity = identity
      this.token = ''
      this.#resume = handle
      return { opens: true, other }
    }
    if (!known && handle) this.#resume = handle
    return { opens: !known && !!handle, other: false }
  }

  /** Begins or resumes the session; one at a time. */
  open(): Promise<void> {
    this.#opening ??= this.#open().finally(() => (this.#opening = null))
    return this.#opening
  }

  /** Calls with the session; when it has run out, once more with a fresh one. */
  async call<T>(work: (api: FileClient) => Promise<T>): Promise<T> {
    if (!this.token) await this.open()
    try {
      return await work(this.api)
    } catch (error) {
      if (!(error instanceof ApiError) || ![401, 403].includes(error.status)) throw error
      this.token = ''
      await this.open()
      return work(this.api)
    }
  }

  /** Enters with an answer of the server that carries a session, such as that to a link sent by mail. */
  async enter(session: OpenedSession): Promise<void> {
    this.token = session.session
    this.#resume = session.resume || this.#resume
    await this.#entered(session)
  }

  /** Nothing is kept before the first line; whom the website vouches for needs no handle. */
  handOver(): void {
    if (this.identity || this.#resume === this.#handed) return
    this.#handed = this.#resume
    this.#told.handle(this.#resume)
  }

  /** Forgets the keys. The server's side is closed by whoever calls. */
  drop(everything: boolean): void {
    this.token = this.#resume = this.#handed = ''
    if (everything) this.identity = ''
    this.#told.handle('')
  }

  async #open(): Promise<void> {
    await this.enter(await this.#begin().catch((error: unknown) => this.#beginAnew(error)))
  }

  /** A token or a handle that is not accepted: begin without it rather than stay before a closed door. */
  #beginAnew(error: unknown): Promise<OpenedSession> {
    const refused = error instanceof ApiError && error.status >= 400 && error.status < 500
    if (!refused || error.status === 429) throw error
    if (this.identity) {
      this.identity = ''
      this.#told.event('identity', { accepted: false, code: error.code })
    } else if (this.#resume) {
      this.#resume = ''
      this.#told.handle('')
    } else throw error
    return this.#begin()
  }

  #begin(): Promise<OpenedSession> {
    return this.api.post<OpenedSession>('chat/sessions/', {
      ...this.introduce(),
      ...(this.identity ? { identity: this.identity } : {}),
      ...(this.#resume ? { resume: this.#resume } : {}),
    })
  }
}
