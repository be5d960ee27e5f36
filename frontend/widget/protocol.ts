/** The messages that pass between the loader (host page) and the frame (our origin). */

export type View = 'home' | 'chat' | 'form' | 'callback' | 'requests' | `article:${string}`

/** What the website owner may put in before the visitor writes; all optional. */
export interface Prefill {
  message?: string
  name?: string
  email?: string
}

/** A page the website chose to tell us about; shared only when the visitor agrees. */
export interface PageHint {
  url: string
  title?: string
}

/** All the loader knows; posted as a whole whenever a part of it changes. */
export interface HostState {
  guichet: 1
  /** The resume handle kept by the host page; empty for identified visitors. */
  resume?: string
  /** The token by which the website vouches for its user. */
  identity?: string
  prefill?: Prefill
  page?: PageHint
  shown?: boolean
  /** Wanted view; empty means "where we were". */
  view?: View | ''
  /** The frame stands in the page itself: there is nothing to close. */
  inline?: boolean
  /** The panel covers the whole window. */
  phone?: boolean
  /** How often the visitor asked for the panel: the frame takes the focus when it grows. */
  calls: number
  /** How often the website said "logout": the frame erases what it keeps when it grows. */
  logouts: number
}

/** What the frame says. */
export type FromFrame =
  | { guichet: 1; do: 'ready' }
  | { guichet: 1; do: 'close' }
  | { guichet: 1; do: 'keep'; handle: string }
  | { guichet: 1; do: 'unread'; count: number }
  | { guichet: 1; do: 'emit'; name: string; detail: unknown }
