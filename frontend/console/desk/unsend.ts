/** Taking an answer back while the server still holds it. */
import type { MailPerson } from '@shared/api/mail'
import type { Attachment, Drafts, Message } from '@shared/api/types'

import { api } from '../app/api'
import { notifyFailure } from '../app/failure'
import { i18n } from '../app/i18n'
import { useLive } from '../app/live'
import { keys, queryClient } from '../app/query'
import { notify } from '../app/toasts'
import { putMessage, refetchMessage } from './data'

type Take = (body: string, files: Attachment[], cc: MailPerson[] | null) => void

interface Unsent {
  draft: Drafts
  attachments: Attachment[]
  message: Message
}

/** Composers on screen; where there is none, the server's draft holds the words. */
const composers = new Map<number, Take>()

export function onUnsent(ticket: number, take: Take): () => void {
  composers.set(ticket, take)
  return () => {
    if (composers.get(ticket) === take) composers.delete(ticket)
  }
}

/** The words are back in the composer before anybody got them; when it is too late, that is said. */
export async function unsend(ticket: number, message: Message): Promise<void> {
  try {
    const back = await api.post<Unsent>(`tickets/${ticket}/messages/${message.seq}/unsend/`, {})
    putMessage(ticket, back.message)
    composers.get(ticket)?.(message.body, back.attachments, back.draft.cc)
    notify(i18n.global.t('mail.unsentSaid'))
    void queryClient.invalidateQueries({ queryKey: keys.ticket(ticket) })
    useLive().refetchLists()
  } catch (error) {
    notifyFailure(error)
    void refetchMessage(ticket, message.seq).catch(() => undefined)
  }
}

/* The server's clock decides when a message leaves; this machine's may be wrong by minutes. */
let behind = 0

/** Something was stored just now, at this time of the server. */
export function heardTime(at: string): void {
  const offset = new Date(at).getTime() - Date.now()
  if (Number.isFinite(offset)) behind = offset
}

export const serverNow = (): number => Date.now() + behind
