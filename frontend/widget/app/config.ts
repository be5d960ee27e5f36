/** What the server writes into the frame's page. Only `site` is sure to be there. */

import type { Locale } from '../../shared/i18n/format'

export interface FrameConfig {
  site: string
  name: string
  language: string
  color: string
  greetings: Partial<Record<Locale, string>>
  available: boolean
  wait_s: number | null
  /** Pages for those who prefer one, and the policy. */
  contact: string
  privacy: string
}

export function readConfig(page: Document = document): FrameConfig {
  const address = page.location.pathname
  const config: FrameConfig = {
    site: /\/w\/([^/]+)/.exec(address)?.[1] ?? '',
    name: '',
    language: '',
    color: '',
    greetings: {},
    available: false,
    wait_s: null,
    contact: '',
    privacy: '',
  }
  const written = page.getElementById('guichet-frame')?.textContent
  return written ? { ...config, ...(JSON.parse(written) as Partial<FrameConfig>) } : config
}
