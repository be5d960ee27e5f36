/** The shared formats bound to the current language, and a clock that makes ages move. */
import { computed, onScopeDispose, ref } from 'vue'
import { useI18n } from 'vue-i18n'

import * as format from '@shared/i18n/format'

const now = ref(new Date())
let users = 0
let timer: number | undefined

/** One timer for the whole page. */
function useNow(): typeof now {
  users += 1
  timer ??= window.setInterval(() => (now.value = new Date()), 10_000)
  now.value = new Date()
  onScopeDispose(() => {
    users -= 1
    if (users === 0) {
      clearInterval(timer)
      timer = undefined
    }
  })
  return now
}

export function useFormat() {
  const { locale } = useI18n()
  const clock = useNow()
  const code = computed(() => format.pickLocale(locale.value))
  return {
    now: clock,
    ago: (at: string) => format.formatAgo(at, code.value, clock.value),
    time: (at: string) => format.formatTime(at, code.value),
    day: (at: string) => format.formatDay(at, code.value, clock.value),
    longDay: (at: string) => format.formatLongDay(at, code.value, clock.value),
    exact: (at: string) => format.formatExact(at, code.value),
    span: (seconds: number) => format.formatSpan(seconds, code.value),
    since: (at: string) =>
      format.formatSpan((clock.value.getTime() - new Date(at).getTime()) / 1000, code.value),
    number: (value: number, digits = 0) => format.formatNumber(value, code.value, digits),
    percent: (share: number) => format.formatPercent(share, code.value),
    size: (bytes: number) => format.formatSize(bytes, code.value),
  }
}
