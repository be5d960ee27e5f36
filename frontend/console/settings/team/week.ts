/** A week as a person edits it: for each day its stretches, checked before they are sent. */
import type { WeekSpan } from '@shared/api/team'

export type Fault = 'time' | 'same' | 'overlap'

export const DAYS = [0, 1, 2, 3, 4, 5, 6] as const

const TIME = /^([01]\d|2[0-3]):[0-5]\d$/

export const minutes = (time: string): number =>
  Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5))

/** Which rows are wrong, by their place in the list. An end before the start is on the following day. */
export function faults(spans: WeekSpan[]): Map<number, Fault> {
  const found = new Map<number, Fault>()
  spans.forEach((span, at) => {
    if (!TIME.test(span.starts) || !TIME.test(span.ends)) found.set(at, 'time')
    else if (span.starts === span.ends) found.set(at, 'same')
  })
  const WEEK = 7 * 24 * 60
  const lines = spans
    .map((span, at) => {
      const start = span.weekday * 1440 + minutes(span.starts)
      const length = (minutes(span.ends) - minutes(span.starts) + 1440) % 1440
      return { at, start, end: start + length }
    })
    .filter((line) => !found.has(line.at))
    .sort((a, b) => a.start - b.start)
  lines.forEach((line, n) => {
    const next = lines[(n + 1) % lines.length]!
    const nextStart = n + 1 < lines.length ? next.start : next.start + WEEK
    if (lines.length > 1 && line.end > nextStart) found.set(next.at, 'overlap')
  })
  return found
}

export const isNextDay = (span: WeekSpan): boolean =>
  TIME.test(span.starts) && TIME.test(span.ends) && minutes(span.ends) < minutes(span.starts)

/** The same hours on the working days that have none yet. */
export function copyToWorkdays(spans: WeekSpan[], from: number): WeekSpan[] {
  const model = spans.filter((span) => span.weekday === from)
  const taken = new Set(spans.map((span) => span.weekday))
  const added = DAYS.slice(0, 5)
    .filter((day) => !taken.has(day))
    .flatMap((day) => model.map((span) => ({ ...span, weekday: day })))
  return sorted([...spans, ...added])
}

export const sorted = (spans: WeekSpan[]): WeekSpan[] =>
  [...spans].sort((a, b) => a.weekday - b.weekday || a.starts.localeCompare(b.starts))

/** A new stretch of a day: after its last one, else the usual morning. */
export function nextSpan(spans: WeekSpan[], day: number): WeekSpan {
  const last = spans.filter((span) => span.weekday === day).at(-1)
  if (!last) return { weekday: day, starts: '09:00', ends: '17:00' }
  return { weekday: day, starts: last.ends > '21:00' ? '22:00' : last.ends, ends: '23:00' }
}

/** Minutes as people type them; '' is null: never. Null when it is no number is told apart by `undefined`. */
export function secondsOf(typed: string): number | null | undefined {
  const text = typed.trim()
  if (!text) return null
  const value = Number(text.replace(',', '.'))
  return Number.isFinite(value) && value >= 0 ? Math.round(value * 60) : undefined
}

export const minutesOf = (seconds: number | null): string =>
  seconds === null ? '' : String(Math.round((seconds / 60) * 10) / 10)
