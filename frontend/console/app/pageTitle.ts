/** What the open page wants to be called in the browser's tab; empty for the route's own name. */
import { onScopeDispose, ref, watchEffect } from 'vue'

export const pageTitle = ref('')

/** How many wait: shown before the title, so that a tab in the back can be noticed. */
export const attention = ref(0)

export function usePageTitle(title: () => string): void {
  watchEffect(() => (pageTitle.value = title()))
  onScopeDispose(() => (pageTitle.value = ''))
}
