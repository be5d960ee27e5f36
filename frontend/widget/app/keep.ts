/** The frame's own storage on our origin: written only once the visitor writes, erased on request. */

export class Keep {
  readonly #prefix: string
  readonly #store: Storage | null

  constructor(site: string, store: Storage | null = openStorage()) {
    this.#prefix = `guichet-frame:${site}:`
    this.#store = store
  }

  get(name: string): string {
    return this.#try((store) => store.getItem(this.#prefix + name)) ?? ''
  }

  /** An empty value erases. */
  set(name: string, value: string): void {
    this.#try((store) =>
      value ? store.setItem(this.#prefix + name, value) : store.removeItem(this.#prefix + name),
    )
  }

  /** Names under this beginning, without it. */
  names(beginning: string): string[] {
    const whole = this.#prefix + beginning
    const keys = this.#try((store) => Array.from({ length: store.length }, (_, i) => store.key(i)))
    return (keys ?? [])
      .filter((key) => key?.startsWith(whole))
      .map((key) => key!.slice(whole.length))
  }

  clear(): void {
    for (const name of this.names('')) this.set(name, '')
  }

  /** Calls back when another tab of the same site changed a name. */
  watch(changed: (name: string, value: string | null) => void): void {
    window.addEventListener('storage', ({ key, newValue }) => {
      if (key?.startsWith(this.#prefix)) changed(key.slice(this.#prefix.length), newValue)
    })
  }

  /** Storage may be blocked in a third-party frame, or full: then we live without it. */
  #try<T>(work: (store: Storage) => T): T | null {
    try {
      return this.#store && work(this.#store)
    } catch {
      return null
    }
  }
}

function openStorage(): Storage | null {
  try {
    return window.localStorage
  } catch {
    return null
  }
}
