/** Short notices at the edge of the screen, often with a way back. */
import { ref } from 'vue'

import { announce } from '@shared/a11y/announcer'

export interface Toast {
  id: number
  text: string
  tone: 'plain' | 'bad'
  undo: (() => void) | null
}

const STAY_MS = 10_000
let last = 0

export const toasts = ref<Toast[]>([])

export function dismiss(id: number): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id)
}

export function notify(
  text: string,
  options: { tone?: Toast['tone']; undo?: () => void } = {},
): void {
  last += 1
  const toast: Toast = {
    id: last,
    text,
    tone: options.tone ?? 'plain',
    undo: options.undo ?? null,
  }
  toasts.value = [...toasts.value.slice(-2), toast]
  announce(text)
  window.setTimeout(() => dismiss(toast.id), STAY_MS)
}

/** Ctrl/Cmd+Z: the newest notice that still offers a way back. True when there was one. */
export function undoLast(): boolean {
  const toast = [...toasts.value].reverse().find((one) => one.undo)
  if (!toast) return false
  toast.undo?.()
  dismiss(toast.id)
  return true
}
