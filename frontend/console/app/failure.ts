/** Says what went wrong, in words for people. */
import { ApiError } from '@shared/api/client'

import { i18n } from './i18n'
import { notify } from './toasts'

export function explain(error: unknown): string {
  const { t } = i18n.global
  if (!(error instanceof ApiError)) return t('error.unknown')
  if (error.status === 0) return t('error.unreachable')
  const field = Object.values(error.fields)[0]?.[0]
  return field || error.detail || error.title || t('error.status', { status: error.status })
}

export function notifyFailure(error: unknown): void {
  notify(explain(error), { tone: 'bad' })
}
