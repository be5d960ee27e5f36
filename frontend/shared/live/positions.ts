/** How far each conversation was read here, so that a lost push is noticed and fetched. */

export type Verdict = 'next' | 'known' | 'gap' | 'untracked'

export class Positions {
  readonly #last = new Map<number, number>()

  /** The conversation is on screen up to `seq`. Never goes backwards. */
  reached(ticket: number, seq: number): void {
    this.#last.set(ticket, Math.max(seq, this.#last.get(ticket) ?? 0))
  }

  forget(ticket: number): void {
    this.#last.delete(ticket)
  }

  last(ticket: number): number | undefined {
    return this.#last.get(ticket)
  }

  /**
   * Judges a pushed message. Only `next` may be appended; on `gap` the caller fetches
   * `messages/?after=` instead, which brings this message too.
   */
  judge(ticket: number, seq: number, prev: number): Verdict {
    const verdict = this.peek(ticket, seq, prev)
    if (verdict === 'next') this.#last.set(ticket, seq)
    return verdict
  }

  /** The same judgement without moving on. */
  peek(ticket: number, seq: number, prev: number): Verdict {
    const have = this.#last.get(ticket)
    if (have === undefined) return 'untracked'
    if (seq <= have) return 'known'
    return prev > have ? 'gap' : 'next'
  }

  all(): Record<string, number> {
    return Object.fromEntries([...this.#last].map(([ticket, seq]) => [String(ticket), seq]))
  }
}
