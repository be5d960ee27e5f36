/** The frame's end of the door to the host page: one exact origin, both ways. */
import type { FromFrame, HostState } from '../protocol'

type Unsealed<T> = T extends unknown ? Omit<T, 'guichet'> : never

export interface Host {
  /** Nobody embeds us: the frame's page was opened by itself. */
  standalone: boolean
  say(message: Unsealed<FromFrame>): void
}

/** The loader names its origin in the fragment; whatever else stands there is nobody. */
export function originIn(fragment: string): string {
  try {
    const { origin, protocol } = new URL(fragment.replace(/^#/, ''))
    return /^https?:$/.test(protocol) && `#${origin}` === fragment ? origin : ''
  } catch {
    return ''
  }
}

export function connectHost(onState: (state: HostState) => void, win: Window = window): Host {
  const origin = originIn(win.location.hash)
  const standalone = win.parent === win
  win.addEventListener('message', (event: MessageEvent<HostState | undefined>) => {
    if (standalone || event.source !== win.parent || !origin || event.origin !== origin) return
    if (event.data?.guichet === 1) onState(event.data)
  })
  return {
    standalone,
    say(message) {
      if (!standalone && origin) win.parent.postMessage({ guichet: 1, ...message }, origin)
    },
  }
}
