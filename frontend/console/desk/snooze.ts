/** The moments worth sleeping until, in the agent's own time. */

export interface SnoozeTime {
  label: string
  at: Date
}

export function snoozeTimes(now: Date = new Date()): SnoozeTime[] {
  const at = (days: number, hour: number): Date => {
    const date = new Date(now)
    date.setDate(date.getDate() + days)
    date.setHours(hour, 0, 0, 0)
    return date
  }
  const later = new Date(now.getTime() + 3 * 3_600_000)
  later.setMinutes(0, 0, 0)
  const toMonday = (8 - now.getDay()) % 7 || 7
  return [
    { label: 'snooze.later', at: later },
    { label: 'snooze.tomorrow', at: at(1, 9) },
    { label: 'snooze.monday', at: at(toMonday, 9) },
  ]
}
