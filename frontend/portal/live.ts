/** An open request page looks for news by asking for itself: no other door than the page's own. */
import { announce } from '../shared/a11y/announcer'
import { t } from './text'
import { showRelativeTimes } from './times'

const EVERY_MS = 15_000

export function refreshLive(thread: HTMLElement): void {
  let busy = false

  async function refresh(): Promise<void> {
    if (busy || document.visibilityState === 'hidden') return
    busy = true
    try {
      const response = await fetch(location.href, { headers: { Accept: 'text/html' } })
      // Signed out meanwhile: the page stays as it is, with what is being typed.
      if (response.ok && !response.redirected) take(await response.text())
    } catch {
      // Offline: the next round will do.
    } finally {
      busy = false
    }
  }

  function take(html: string): void {
    const page = new DOMParser().parseFromString(html, 'text/html')
    const known = new Set(
      [...thread.children].map((item) => (item as HTMLElement).dataset.seq ?? ''),
    )
    for (const item of page.querySelectorAll<HTMLElement>('[data-thread] > [data-seq]')) {
      if (known.has(item.dataset.seq ?? '')) continue
      const fresh = document.importNode(item, true)
      thread.append(fresh)
      if (item.dataset.author === 'customer') continue
      announce(t('newMessage', { name: item.querySelector('header strong')?.textContent ?? '' }))
    }
    for (const part of document.querySelectorAll<HTMLElement>('[data-live-part]')) {
      const now = page.querySelector(`[data-live-part="${CSS.escape(part.dataset.livePart!)}"]`)
      // A form in use is not exchanged under the hand.
      if (now && !part.contains(document.activeElement) && now.outerHTML !== part.outerHTML)
        part.replaceWith(document.importNode(now, true))
    }
    showRelativeTimes()
  }

  window.setInterval(() => void refresh(), EVERY_MS)
  document.addEventListener('visibilitychange', () => void refresh())
  window.addEventListener('online', () => void refresh())
}
