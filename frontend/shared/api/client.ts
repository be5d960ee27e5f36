/** The fetch client of all three apps: session cookie, CSRF header, problem+json as a typed error. */

export interface Problem {
  code: string
  title: string
  detail: string
  fields: Record<string, string[]>
}

/** A refused or failed call. `status` 0 means that the server was never reached. */
export class ApiError extends Error {
  readonly status: number
  readonly code: string
  readonly title: string
  readonly detail: string
  readonly fields: Record<string, string[]>
  /** The whole body: some refusals carry more, such as the current state of a ticket. */
  readonly body: Record<string, unknown>

  constructor(status: number, body: Record<string, unknown>) {
    const problem = body as Partial<Problem>
    super(problem.detail || problem.title || `HTTP ${status}`)
    this.name = 'ApiError'
    this.status = status
    this.code = problem.code ?? (status === 0 ? 'unreachable' : `http_${status}`)
    this.title = problem.title ?? ''
    this.detail = problem.detail ?? ''
    this.fields = problem.fields ?? {}
    this.body = body
  }
}

export type QueryValue = string | number | boolean | null | undefined
export type Query = Record<string, QueryValue>

export interface Page<T> {
  results: T[]
  next: string | null
  previous: string | null
}

interface ClientOptions {
  base?: string
  /** Extra headers of every call, such as the visitor's session. */
  headers?: () => Record<string, string>
  /** `omit` for the visitor's frame, which must never act as a signed-in agent. */
  credentials?: RequestCredentials
  /** Called on 401, before the error is thrown. */
  onSignedOut?: () => void
}

/** Behind a dead router no answer ever comes, nor a word that none will: then the call has failed, and may be repeated. */
const LONGEST_MS = 30_000
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])

export function csrfToken(cookies: string = document.cookie): string {
  const found = /(?:^|;\s*)(?:__(?:Host|Secure)-)?csrftoken=([^;]+)/.exec(cookies)
  return found?.[1] ? decodeURIComponent(found[1]) : ''
}

export function withQuery(path: string, query?: Query): string {
  const pairs = Object.entries(query ?? {}).filter(
    ([, value]) => value !== undefined && value !== null && value !== '',
  )
  if (!pairs.length) return path
  const search = new URLSearchParams(pairs.map(([key, value]) => [key, String(value)]))
  return `${path}${path.includes('?') ? '&' : '?'}${search}`
}

export class ApiClient {
  readonly #base: string
  readonly #headers: () => Record<string, string>
  protected readonly credentials: RequestCredentials
  readonly #onSignedOut: () => void

  constructor({
    base = '/api/v1/',
    headers,
    credentials = 'same-origin',
    onSignedOut,
  }: ClientOptions = {}) {
    this.#base = base
    this.#headers = headers ?? (() => ({}))
    this.credentials = credentials
    this.#onSignedOut = onSignedOut ?? (() => undefined)
  }

  get<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> {
    return this.#send<T>('GET', withQuery(path, query), undefined, signal)
  }

  post<T>(path: string, body?: unknown): Promise<T> {
    return this.#send<T>('POST', path, body)
  }

  put<T>(path: string, body?: unknown): Promise<T> {
    return this.#send<T>('PUT', path, body)
  }

  patch<T>(path: string, body?: unknown): Promise<T> {
    return this.#send<T>('PATCH', path, body)
  }

  delete<T>(path: string): Promise<T> {
    return this.#send<T>('DELETE', path)
  }

  protected address(path: string): string {
    return /^(?:https?:)?\//.test(path) ? path : this.#base + path
  }

  protected callHeaders(method: string): Record<string, string> {
    const headers: Record<string, string> = { Accept: 'application/json', ...this.#headers() }
    // The page's language, not the browser's: names and refusals come back in the words of this screen.
    const { lang } = document.documentElement
    if (lang) headers['Accept-Language'] = lang
    if (!SAFE.has(method) && this.credentials !== 'omit') headers['X-CSRFToken'] = csrfToken()
    return headers
  }

  async #send<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
    const headers = this.callHeaders(method)
    if (body !== undefined) headers['Content-Type'] = 'application/json'
    const end = new AbortController()
    const forget = (): void => end.abort()
    let isLate = false
    const timer = setTimeout(() => {
      isLate = true
      end.abort()
    }, LONGEST_MS)
    signal?.addEventListener('abort', forget)
    let response: Response
    let content: unknown
    try {
      response = await fetch(this.address(path), {
        method,
        headers,
        credentials: this.credentials,
        body: body === undefined ? undefined : JSON.stringify(body),
        signal: signal?.aborted ? signal : end.signal,
      })
      content = parse(await response.text())
    } catch (error) {
      if (!isLate && error instanceof DOMException && error.name === 'AbortError') throw error
      throw new ApiError(0, {})
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', forget)
    }
    if (response.ok) return content as T
    if (response.status === 401) this.#onSignedOut()
    throw new ApiError(response.status, asObject(content))
  }
}

export function parse(text: string): unknown {
  if (!text) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
