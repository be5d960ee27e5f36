/** The form of a mailbox: what is typed, what is sent, and which field an answer is about. */
import type { Mailbox, Security, TestStep } from '@shared/api/mail'

export interface ServerForm {
  host: string
  port: string
  security: Security
  user: string
  /** Only what is typed now; the stored one never comes back. */
  secret: string
}

export interface MailboxForm {
  address: string
  name: string
  aliases: string
  queue: string
  active: boolean
  signature: string
  signature_fr: string
  imap: ServerForm & { folder: string; done_folder: string }
  smtp: ServerForm
}

export type Side = 'imap' | 'smtp'

const USUAL: Record<Side, Record<Security, string>> = {
  imap: { ssl: '993', starttls: '143', none: '143' },
  smtp: { ssl: '465', starttls: '587', none: '25' },
}

export function blankForm(queue = ''): MailboxForm {
  const server = (side: Side, security: Security): ServerForm => ({
    host: '',
    port: USUAL[side][security],
    security,
    user: '',
    secret: '',
  })
  return {
    address: '',
    name: '',
    aliases: '',
    queue,
    active: true,
    signature: '',
    signature_fr: '',
    imap: { ...server('imap', 'ssl'), folder: 'INBOX', done_folder: 'Guichet' },
    smtp: server('smtp', 'starttls'),
  }
}

export function formOf(mailbox: Mailbox): MailboxForm {
  const { imap, smtp } = mailbox
  return {
    address: mailbox.address,
    name: mailbox.name,
    aliases: mailbox.aliases.join('\n'),
    queue: mailbox.queue.slug,
    active: mailbox.active,
    signature: mailbox.signature,
    signature_fr: mailbox.signature_fr,
    imap: {
      host: imap.host,
      port: String(imap.port),
      security: imap.security,
      user: imap.user,
      secret: '',
      folder: imap.folder,
      done_folder: imap.done_folder,
    },
    smtp: {
      host: smtp.host,
      port: String(smtp.port),
      security: smtp.security,
      user: smtp.user,
      secret: '',
    },
  }
}

const serverBody = <T extends ServerForm>(server: T): Record<string, unknown> => {
  const { secret, port, ...rest } = server
  return {
    ...rest,
    host: server.host.trim(),
    user: server.user.trim(),
    port: Number(port) || 0,
    // Absent: the stored one stays.
    ...(secret ? { secret } : {}),
  }
}

export function bodyOf(form: MailboxForm): Record<string, unknown> {
  return {
    address: form.address.trim(),
    name: form.name.trim(),
    aliases: form.aliases.split(/[\s,;]+/).filter(Boolean),
    queue: form.queue,
    active: form.active,
    signature: form.signature,
    signature_fr: form.signature_fr,
    imap: serverBody(form.imap),
    smtp: serverBody(form.smtp),
  }
}

/** The usual port of a kind of security, unless another one was typed on purpose. */
export function portFor(side: Side, security: Security, port: string): string {
  const usual = Object.values(USUAL[side])
  return port.trim() === '' || usual.includes(port.trim()) ? USUAL[side][security] : port
}

const FIELD: Record<string, string> = {
  name: 'host',
  connect: 'host',
  installation: 'host',
  tls: 'security',
  login: 'user',
  folder: 'folder',
  done_folder: 'done_folder',
  sender: 'user',
}

/** What a test says about one field: the last word counts, a failure is never covered by a success. */
export function saidAbout(
  steps: TestStep[],
  side: Side,
  field: string,
): { ok: boolean; text: string } | null {
  const about = steps.filter((step) => step.of === side && (FIELD[step.step] ?? 'host') === field)
  const said = about.find((step) => !step.ok) ?? about.at(-1)
  return said ? { ok: said.ok, text: said.text } : null
}

/** The fields that are wrong, in the order of the page, by their ids. */
export function wrongFields(fields: Record<string, string[]>): [string, string][] {
  const order = ['address', 'name', 'queue', 'aliases', 'imap', 'smtp', 'signature']
  const rank = (name: string): number => {
    const at = order.indexOf(name.split('.')[0]!)
    return at < 0 ? order.length : at
  }
  return Object.entries(fields)
    .map(([name, said]): [string, string] => [name, said[0] ?? ''])
    .sort(([a], [b]) => rank(a) - rank(b))
}
