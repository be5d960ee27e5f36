/** How the chats stand on the screen: one with its customer, side by side, or two by two. */
import { onScopeDispose, ref, type Ref, watch } from 'vue'

export const LAYOUTS = ['one', 'side', 'grid'] as const
export type Layout = (typeof LAYOUTS)[number]

const STORED = 'guichet.chats.layout'
const COLUMN_PX = 320
const GAP_PX = 12
export const MOST = 4

const known = localStorage.getItem(STORED)
export const layout = ref<Layout>(LAYOUTS.find((one) => one === known) ?? 'side')

export function setLayout(value: Layout): void {
  layout.value = value
  localStorage.setItem(STORED, value)
}

/** How many chats fit beside each other on so many pixels. */
export function fitting(width: number): number {
  return Math.max(1, Math.min(MOST, Math.floor((width - GAP_PX) / (COLUMN_PX + GAP_PX))))
}

/** How many are shown: never more than can be read. */
export function room(how: Layout, width: number): number {
  if (how === 'one') return 1
  const beside = fitting(width)
  return how === 'grid' && beside > 1 ? MOST : beside
}

/** As many as there is room for, in their order; the active one is always among them. */
export function placed<Chat extends { id: number }>(
  chats: readonly Chat[],
  active: Chat | undefined,
  most: number,
): Chat[] {
  const shown = chats.slice(0, most)
  if (active && !shown.some((one) => one.id === active.id)) shown[shown.length - 1] = active
  return shown
}

/** The width of an element that comes and goes. */
export function useWidth(element: Ref<HTMLElement | null>): Ref<number> {
  const width = ref(0)
  const observer = new ResizeObserver(([entry]) => (width.value = entry?.contentRect.width ?? 0))
  watch(
    element,
    (now, before) => {
      if (before) observer.unobserve(before)
      if (now) observer.observe(now)
    },
    { immediate: true, flush: 'post' },
  )
  onScopeDispose(() => observer.disconnect())
  return width
}
