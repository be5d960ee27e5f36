/** The formatters of `Intl`, each made once: making one costs more than using it. */

export type Locale = 'en' | 'fr'

export const tag = (locale: Locale): string => (locale === 'en' ? 'en-GB' : 'fr-FR')
const cache = new Map<string, unknown>()

export function cached<T>(key: string, make: () => T): T {
  if (!cache.has(key)) cache.set(key, make())
  return cache.get(key) as T
}

export const dateFormat = (
  locale: Locale,
  options: Intl.DateTimeFormatOptions,
): Intl.DateTimeFormat =>
  cached(
    `d${locale}${JSON.stringify(options)}`,
    () => new Intl.DateTimeFormat(tag(locale), options),
  )
