/** A call in words and as a sign. */
import { Phone, PhoneCall, PhoneIncoming, PhoneMissed, PhoneOutgoing } from '@lucide/vue'
import type { Component } from 'vue'

import type { Call } from './calls'

type Translate = (key: string, values?: Record<string, unknown>) => string

export function iconOf(call: Call): Component {
  if (call.state === 'missed') return PhoneMissed
  if (call.state === 'answered') return PhoneCall
  if (call.state === 'ringing') return call.direction === 'in' ? PhoneIncoming : PhoneOutgoing
  return Phone
}

/** Where it stands, with how long it lasted or has lasted so far. */
export function stateOf(
  call: Call,
  t: Translate,
  since: (at: string) => string,
  span: (seconds: number) => string,
): string {
  const words = t(`phone.state.${call.direction}.${call.state}`)
  if (call.state === 'answered' && call.answered_at) return `${words} · ${since(call.answered_at)}`
  return call.seconds === null ? words : `${words} · ${span(call.seconds)}`
}
