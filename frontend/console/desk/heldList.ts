/** A list that holds still while somebody works on it: rows update in place, arrivals wait in a pill. */
import { computed, ref, type Ref, watch } from 'vue'

export interface HeldRow<T> {
  item: T
  /** No longer part of the view, kept so that nothing moves under the pointer. */
  gone: boolean
}

export interface Arranged {
  order: number[]
  waiting: number
}

/**
 * The order to show while held: what is there stays where it is; items behind the last known one are
 * further pages and are appended; anything else that is new waits.
 */
export function arrange(order: number[], latest: number[]): Arranged {
  if (!order.length) return { order: latest, waiting: 0 }
  const known = new Set(order)
  const lastKnown = latest.findLastIndex((id) => known.has(id))
  const further = latest.slice(lastKnown + 1)
  const waiting = latest.slice(0, lastKnown + 1).filter((id) => !known.has(id)).length
  // Nothing known is left: the whole list is other, and appending it would hide that.
  if (lastKnown < 0) return { order, waiting: latest.length }
  return { order: [...order, ...further], waiting }
}

/** The free order, with the row in hand kept at its old place if it left the view. */
export function settle(order: number[], latest: number[], keep: number | null): number[] {
  if (keep === null || latest.includes(keep) || !order.includes(keep)) return latest
  const at = Math.min(order.indexOf(keep), latest.length)
  return [...latest.slice(0, at), keep, ...latest.slice(at)]
}

export function useHeldList<T extends { id: number }>(
  latest: Ref<T[]>,
  held: Ref<boolean>,
  keep: Ref<number | null>,
) {
  const order = ref<number[]>([])
  const waiting = ref(0)
  const known = new Map<number, T>()

  function apply(): void {
    order.value = settle(
      order.value,
      latest.value.map((item) => item.id),
      keep.value,
    )
    waiting.value = 0
  }

  /** Another view: nothing of the old one is worth keeping. */
  function reset(): void {
    order.value = []
    waiting.value = 0
    known.clear()
  }

  watch(
    latest,
    (items) => {
      for (const item of items) known.set(item.id, item)
      if (!held.value) return apply()
      const arranged = arrange(
        order.value,
        items.map((item) => item.id),
      )
      order.value = arranged.order
      waiting.value = arranged.waiting
    },
    { immediate: true },
  )
  watch([held, keep], () => {
    if (!held.value) apply()
  })

  const rows = computed<HeldRow<T>[]>(() => {
    const present = new Map(latest.value.map((item) => [item.id, item]))
    return order.value.flatMap((id) => {
      const item = present.get(id) ?? known.get(id)
      return item ? [{ item, gone: !present.has(id) }] : []
    })
  })

  return { rows, waiting, apply, reset }
}
