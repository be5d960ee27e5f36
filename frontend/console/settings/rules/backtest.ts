/** A back-test in slices, so that its progress can be shown; the parts are summed. */
import type { Backtest } from './shapes'

const SLICE = 100

export interface Wish {
  /** Only requests of so many last days, or the last `limit` ones. */
  days?: number
  limit: number
  against: 'draft' | 'live'
}

export function joined(one: Backtest | null, two: Backtest): Backtest {
  if (!one) return two
  const tried = one.tried + two.tried
  const changed = one.changed + two.changed
  return {
    ...two,
    tried,
    changed,
    share: tried ? changed / tried : 0,
    ms: one.ms + two.ms,
    changes: [...one.changes, ...two.changes],
    moves: summed([...one.moves, ...two.moves], (move) => `${move.from.slug}>${move.to.slug}`),
    rules: summed([...one.rules, ...two.rules], (rule) => rule.key || String(rule.id)),
  }
}

function summed<T extends { count: number } | { hits: number }>(
  rows: T[],
  name: (row: T) => string,
): T[] {
  const found = new Map<string, T>()
  for (const row of rows) {
    const known = found.get(name(row))
    found.set(name(row), known ? { ...row, ...added(known, row) } : row)
  }
  const size = (row: T): number => ('count' in row ? row.count : row.hits)
  return [...found.values()].sort((a, b) => size(b) - size(a))
}

const added = (a: { count: number } | { hits: number }, b: typeof a): Partial<typeof a> =>
  'count' in a && 'count' in b
    ? { count: a.count + b.count }
    : { hits: ('hits' in a ? a.hits : 0) + ('hits' in b ? b.hits : 0) }

/** A share for people: what happened is never told as none of all, what did not never as all. */
export function told(share: number): { share: number; isLess: boolean } {
  if (share > 0 && share < 0.01) return { share: 0.01, isLess: true }
  return { share: share < 1 ? Math.min(share, 0.99) : 1, isLess: false }
}

export async function backtest(
  wish: Wish,
  post: (body: Record<string, unknown>) => Promise<Backtest>,
  tell: (soFar: Backtest) => void,
  stopped: () => boolean = () => false,
): Promise<Backtest> {
  let total: Backtest | null = null
  let before: number | null = null
  for (;;) {
    const left = wish.limit - (total?.tried ?? 0)
    const part: Backtest = await post({
      against: wish.against,
      limit: Math.min(SLICE, left),
      ...(wish.days ? { days: wish.days } : {}),
      ...(before === null ? {} : { before }),
    })
    total = joined(total, part)
    tell(total)
    before = part.next ?? null
    if (before === null || total.tried >= wish.limit || stopped()) return total
  }
}
