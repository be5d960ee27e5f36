/** What the server writes into the frame's page. Only `site` is sure to be there. */

import type { Locale } from '../../shared/i18n/format'

export interface FrameConfig {
  site: string
  name: string
  language: string
  color: string
  theme: string
  greetings: Partial<Record<Locale, string>>
  available: boolean
  wait_s: number | null
  /** Pages for those who prefer one, and the policies. */
  contact: string
  privacy: string
  accessibility: string
  /** The country of numbers typed without one. */
  region: string
}

export function readConfig(page: Document = document): FrameConfig {
  const config: FrameConfig = {
    site: /\/w\/([^/]+)/.exec(page.location.pathname)?.[1] ?? '',
    name: '',
    language: '',
    color: '',
    theme: 'auto',
    greetings: {},
    available: false,
    wait_s: null,
    contact: '',
    privacy: '',
    accessibility: '',
    region: 'FR',
  }
  const written = page.getElementById('guichet-frame')?.textContent
  return written ? { ...config, ...(JSON.parse(written) as Partial<FrameConfig>) } : config
}
