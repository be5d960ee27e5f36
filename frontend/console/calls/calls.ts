/** Telephone calls as agents see them, and what can be said of one. */
import { useQuery } from '@tanstack/vue-query'

import type { Schemas, Whole } from '@shared/api/whole'

import { api } from '../app/api'
import { newTicketCall, newTicketOpen } from '../app/dialogs'
import { notifyFailure } from '../app/failure'
import { keys, queryClient } from '../app/query'
import { useSession } from '../app/session'

export type Call = Whole<Schemas['CallOut']>
export type CallPerson = Call['people'][number]
export type CallsNow = Whole<Schemas['CallsNow']>

/** What every page shows of the telephone. */
export function useCallsNow() {
  const session = useSession()
  return useQuery({
    queryKey: keys.callsNow,
    queryFn: ({ signal }) => api.get<CallsNow>('calls/now/', undefined, signal),
    refetchInterval: 60_000,
    enabled: () => session.can('call.read'),
  })
}

/** False when it was refused, which is said; either way all calls are read again. */
async function change(call: Call, body: { ticket?: number; settled?: boolean }): Promise<boolean> {
  try {
    await api.patch<Call>(`calls/${call.id}/`, body)
    return true
  } catch (error) {
    notifyFailure(error)
    return false
  } finally {
    void queryClient.invalidateQueries({ queryKey: keys.calls })
  }
}

export const settle = (call: Call, settled = true): Promise<boolean> => change(call, { settled })
export const putOn = (call: Call, ticket: number): Promise<boolean> => change(call, { ticket })

/** The new ticket's form, with what is known of the caller. */
export function openTicket(call: Call, person?: CallPerson): void {
  newTicketCall.value = { id: call.id, phone: call.number.e164, customer: person?.id ?? null }
  newTicketOpen.value = true
}

/** Who it is, as far as anybody knows: a name when there is but one. */
export const nameOf = (call: Call): string =>
  call.people.length === 1 ? (call.people[0]?.name ?? '') : ''
