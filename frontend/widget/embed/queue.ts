/** The function the page calls, and the calls it made before we came. */

export type Verbs = Record<string, (...rest: never[]) => unknown>

export interface Api {
  (name: string, ...rest: unknown[]): unknown
  push(call: ArrayLike<unknown>): unknown
  [verb: string]: unknown
}

/** A stub is either an array of calls or a function that keeps them in `q`. */
export function callsWaitingIn(stub: unknown): ArrayLike<unknown>[] {
  const calls = (stub as { q?: unknown } | undefined)?.q || stub
  return Array.isArray(calls) ? calls : []
}

/** Unknown verbs do nothing: a call never throws into the host page. */
export function makeApi(verbs: Verbs): Api {
  const api = ((name: string, ...rest: never[]) => verbs[name]?.(...rest)) as Api
  api.push = (call) => api(...(Array.from(call) as [string]))
  return Object.assign(api, verbs)
}
