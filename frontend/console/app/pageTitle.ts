/** What the open page wants to be called in the browser's tab; empty for the route's own name. */
import { onScopeDispose, ref, watchEffect } from 'vue'

export const pageTitle = ref('')

export function usePageTitle(title: () => string): void {
  watchEffect(() => (pageTitle.value = title()))
  onScopeDispose(() => (pageTitle.value = ''))
}
