/** Who sits here: the signed-in agent, what she may do, and whether her session still holds. */
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'

import { ApiError } from '@shared/api/client'
import type { Availability, Me } from '@shared/api/types'
import { pickLocale } from '@shared/i18n/format'

import { api, onSignedOut, signOut } from './api'
import { setLocale } from './i18n'
import { queryClient } from './query'

export const useSession = defineStore('session', () => {
  const me = ref<Me | null>(null)
  const expired = ref(false)

  onSignedOut(() => {
    if (me.value) expired.value = true
  })

  /** False when nobody is signed in; any other failure is thrown. */
  async function load(): Promise<boolean> {
    try {
      const found = await api.get<Me>('me/')
      me.value = found
      expired.value = false
      await setLocale(pickLocale(found.locale))
      return true
    } catch (error) {
      if (error instanceof ApiError && (error.status === 401 || error.status === 403)) return false
      throw error
    }
  }

  async function change(wish: Partial<Pick<Me, 'locale' | 'availability' | 'chat_capacity'>>) {
    if (!me.value) return
    const before = { ...me.value }
    me.value = { ...me.value, ...wish }
    if (wish.locale) await setLocale(pickLocale(wish.locale))
    try {
      me.value = { ...me.value, ...(await api.patch<Partial<Me>>('me/', wish)) }
    } catch (error) {
      me.value = before
      if (wish.locale) await setLocale(pickLocale(before.locale))
      throw error
    }
  }

  /** The server changed it for us, for instance when the last tab closed. */
  function availabilityIs(value: Availability): void {
    if (me.value) me.value = { ...me.value, availability: value }
  }

  async function leave(): Promise<void> {
    await signOut()
    me.value = null
    expired.value = false
    queryClient.clear()
  }

  const can = (capability: string): boolean => me.value?.capabilities.includes(capability) ?? false
  const name = computed(() => me.value?.name ?? '')

  return { me, expired, name, load, change, availabilityIs, leave, can }
})
