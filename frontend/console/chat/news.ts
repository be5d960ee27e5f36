/** News of chats in words: said only to whom it concerns. */
import type { Named } from '@shared/api/types'
import type { Frame } from '@shared/live/socket'

import { i18n } from '../app/i18n'
import { useSession } from '../app/session'
import { notify } from '../app/toasts'

const ONCE_MS = 2000
let lastHanded = ''

/** Chats that change hands, and supervisors beside them. */
export function sayHands(frame: Frame): void {
  const { t, te } = i18n.global
  const session = useSession()
  const by = frame.by as Named | null
  const from = frame.from as Named | null
  const to = frame.to as Named | null
  if (frame.type === 'chat.handover') {
    const held = frame.handover as { by: Named }
    notify(t('chats.handedOver', { name: held.by.name }))
  } else if (frame.type === 'chat.handover_ended' && te(`chats.handover.${String(frame.how)}`)) {
    notify(t(`chats.handover.${String(frame.how)}`))
  } else if (frame.type === 'chat.handed' && to && from?.id === session.me?.id) {
    // It comes by two groups: the queue's, and his own in case he does not serve the queue.
    const told = `${String(frame.session)} ${to.id}`
    if (told !== lastHanded) notify(t('chats.handedTo', { name: to.name }))
    lastHanded = told
    window.setTimeout(() => (lastHanded = ''), ONCE_MS)
  } else if (frame.type === 'chat.watched' && by) {
    notify(t('chats.watched', { name: by.name }))
  } else if (
    frame.type === 'chat.help' &&
    frame.line !== null &&
    by &&
    by.id !== session.me?.id &&
    session.can('chat.watch')
  ) {
    notify(t('chats.helpWanted', { name: by.name }))
  }
}
