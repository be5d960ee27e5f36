/** Which of the page-wide dialogs is open. */
import { ref } from 'vue'

export const newTicketOpen = ref(false)
export const paletteOpen = ref(false)
export const sheetOpen = ref(false)
