/** Single-key shortcuts: by the letter typed, never in a text field, never with a modifier. */
import { onScopeDispose, ref } from 'vue'

import { isTyping } from '@shared/a11y/focus'

export type Handler = (event: KeyboardEvent) => void

const STORED = 'guichet.shortcuts'
const PREFIX_MS = 1500

export const shortcutsOn = ref(localStorage.getItem(STORED) !== 'off')

export function setShortcuts(on: boolean): void {
  shortcutsOn.value = on
  localStorage.setItem(STORED, on ? 'on' : 'off')
}

/** Later registrations win: the screen in front hears a key first. */
const layers: Map<string, Handler>[] = []
let prefixUntil = 0

/** The name of a key press in a shortcut table, or null when it is none of our business. */
export function keyName(event: KeyboardEvent): string | null {
  if (event.isComposing || event.altKey || event.getModifierState?.('AltGraph')) return null
  if (event.ctrlKey || event.metaKey) {
    const letter = event.key.toLowerCase()
    return letter === 'k' || letter === 'z' ? `mod+${letter}` : null
  }
  return event.key
}

function dispatch(event: KeyboardEvent): void {
  const name = keyName(event)
  if (!name || event.defaultPrevented) return
  if (document.querySelector('dialog[open]')) return
  if (name === 'mod+k') return run(name, event)
  if (isTyping(event.target)) return
  if (name === 'mod+z') return run(name, event)
  if (!shortcutsOn.value && name.length === 1) return
  if (prefixUntil > Date.now()) {
    prefixUntil = 0
    return run(`g ${name}`, event)
  }
  if (name === 'g') {
    prefixUntil = Date.now() + PREFIX_MS
    return
  }
  run(name, event)
}

function run(name: string, event: KeyboardEvent): void {
  for (const layer of [...layers].reverse()) {
    const handler = layer.get(name)
    if (!handler) continue
    event.preventDefault()
    handler(event)
    return
  }
}

let listening = false

export function useShortcuts(table: Record<string, Handler>): void {
  if (!listening) {
    document.addEventListener('keydown', dispatch)
    listening = true
  }
  const layer = new Map(Object.entries(table))
  layers.push(layer)
  onScopeDispose(() => layers.splice(layers.indexOf(layer), 1))
}

/** What the shortcut sheet lists: keys and the translation that explains them. */
export const SHEET: { keys: string[]; text: string }[] = [
  { keys: ['Ctrl', 'K'], text: 'keys.palette' },
  { keys: ['?'], text: 'keys.sheet' },
  { keys: ['/'], text: 'keys.search' },
  { keys: ['g', 'i'], text: 'keys.inbox' },
  { keys: ['g', 'c'], text: 'keys.chats' },
  { keys: ['g', 't'], text: 'keys.calls' },
  { keys: ['g', 's'], text: 'keys.settings' },
  { keys: ['c'], text: 'keys.new' },
  { keys: ['j'], text: 'keys.next' },
  { keys: ['k'], text: 'keys.previous' },
  { keys: ['o'], text: 'keys.open' },
  { keys: ['u'], text: 'keys.back' },
  { keys: ['r'], text: 'keys.reply' },
  { keys: ['n'], text: 'keys.note' },
  { keys: ['i'], text: 'keys.take' },
  { keys: ['e'], text: 'keys.solve' },
  { keys: ['h'], text: 'keys.panel' },
  { keys: ['y'], text: 'keys.accept' },
  { keys: ['d'], text: 'keys.dismiss' },
  { keys: ['.'], text: 'keys.apply' },
  { keys: ['q'], text: 'keys.takeChat' },
  { keys: ['w'], text: 'keys.longest' },
  { keys: ['1…4'], text: 'keys.slot' },
  { keys: ['p'], text: 'keys.ringing' },
  { keys: ['Ctrl', 'Enter'], text: 'keys.send' },
  { keys: ['Esc'], text: 'keys.leave' },
  { keys: ['Ctrl', 'Z'], text: 'keys.undo' },
]
