/** Whether the customer panel is wanted beside the conversation; remembered on this computer. */
import { ref, watch } from 'vue'

const STORED = 'guichet.panel'

export const panelWanted = ref(localStorage.getItem(STORED) !== 'closed')

watch(panelWanted, (wanted) => localStorage.setItem(STORED, wanted ? 'open' : 'closed'))
