import { beforeEach, expect, test, vi } from 'vitest'

import type { HostState } from '../protocol'
import { connectHost, originIn } from './host'

const SHOP = 'https://shop.example'
const state: HostState = { guichet: 1, calls: 1, logouts: 0 }

/** A window inside a host page; records what it says to its parent. */
function framed(fragment: string) {
  const parent = { postMessage: vi.fn() }
  const heard: HostState[] = []
  let listener: (event: object) => void = () => undefined
  const win = {
    parent,
    location: { hash: fragment },
    addEventListener: (_: string, take: (event: object) => void) => (listener = take),
  }
  const host = connectHost((known) => heard.push(known), win as unknown as Window)
  return { parent, heard, host, hear: (event: object) => listener(event) }
}

let frame: ReturnType<typeof framed>
beforeEach(() => (frame = framed(`#${SHOP}`)))

test('only a whole and exact origin is taken from the fragment', () => {
  expect(originIn('#https://shop.example')).toBe(SHOP)
  expect(originIn('#http://127.0.0.1:8102')).toBe('http://127.0.0.1:8102')
  for (const bad of ['', '#', '#*', '#null', '#https://shop.example/', '#javascript:alert(1)'])
    expect(originIn(bad)).toBe('')
})

test('it hears the host page', () => {
  frame.hear({ origin: SHOP, source: frame.parent, data: state })
  expect(frame.heard).toEqual([state])
})

test('it does not hear another origin, another window, or another widget', () => {
  frame.hear({ origin: 'https://evil.example', source: frame.parent, data: state })
  frame.hear({ origin: `${SHOP}.evil.example`, source: frame.parent, data: state })
  frame.hear({ origin: SHOP, source: {}, data: state })
  frame.hear({ origin: SHOP, source: frame.parent, data: { calls: 1 } })
  frame.hear({ origin: SHOP, source: frame.parent, data: null })
  expect(frame.heard).toEqual([])
})

test('it speaks to the exact origin', () => {
  frame.host.say({ do: 'keep', handle: 'secret' })
  expect(frame.parent.postMessage.mock.calls).toEqual([
    [{ guichet: 1, do: 'keep', handle: 'secret' }, SHOP],
  ])
})

test('without a named origin it neither speaks nor hears', () => {
  const lost = framed('#*')
  lost.host.say({ do: 'keep', handle: 'secret' })
  lost.hear({ origin: 'null', source: lost.parent, data: state })
  expect(lost.parent.postMessage).not.toHaveBeenCalled()
  expect(lost.heard).toEqual([])
})
