/** A website that carries the widget, as the console sets it up. */
import type { components } from '@shared/api/schema'

export type Site = components['schemas']['SiteOut']
export type CheckAnswer = components['schemas']['CheckOut']
export const SITES = ['sites'] as const

/** What is typed: addresses one a line, the queue by its slug. */
export interface SiteForm extends Omit<
  Site,
  'id' | 'key' | 'snippet' | 'has_secret' | 'queue' | 'origins'
> {
  queue: string
  origins: string
}

export const blank = (): SiteForm => ({
  name: '',
  queue: '',
  origins: '',
  color: '#1F5FBF',
  is_active: true,
  is_hidden: false,
  position: 'right',
  offset_x: 20,
  offset_y: 20,
  z_index: 2_147_483_000,
  theme: 'auto',
  language: '',
  greeting_en: '',
  greeting_fr: '',
  label_en: '',
  label_fr: '',
  teaser_en: '',
  teaser_fr: '',
  teaser_after_s: 30,
  privacy_url: '',
  accessibility_url: '',
  wait_limit_s: 300,
  callback_enabled: true,
  callbacks_per_slot: null,
  default_region: 'FR',
})

export function formOf(site: Site): SiteForm {
  const form = blank()
  for (const name of Object.keys(form) as (keyof SiteForm)[])
    if (name in site) Object.assign(form, { [name]: site[name as keyof Site] })
  return { ...form, queue: site.queue.slug, origins: (site.origins ?? []).join('\n') }
}

export const bodyOf = (form: SiteForm): Record<string, unknown> => ({
  ...form,
  origins: form.origins.split(/\s+/).filter(Boolean),
})
