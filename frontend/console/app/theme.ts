/** Light, dark, or whatever the system says. */
import { ref, watchEffect } from 'vue'

export type Theme = 'auto' | 'light' | 'dark'
export const THEMES: readonly Theme[] = ['auto', 'light', 'dark']

const STORED = 'guichet.theme'
const stored = localStorage.getItem(STORED)

export const theme = ref<Theme>(stored === 'light' || stored === 'dark' ? stored : 'auto')

export function followTheme(): void {
  watchEffect(() => {
    if (theme.value === 'auto') delete document.documentElement.dataset.theme
    else document.documentElement.dataset.theme = theme.value
    localStorage.setItem(STORED, theme.value)
  })
}
