/** Which of the page-wide dialogs is open. */
import { ref } from 'vue'

export const newTicketOpen = ref(false)
/** The telephone call of which the new ticket is, and who may have called. */
export const newTicketCall = ref<{ id: number; phone: string; customer: number | null } | null>(
  null,
)
export const paletteOpen = ref(false)
export const sheetOpen = ref(false)
