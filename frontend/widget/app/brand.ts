/** The site's colour in the frame: the nearest shades that can be read, in light and in dark. */
import { mix, parse, readableOn } from '../../shared/ui/colour'
import { adopt } from './styles'

const DARK_SURFACE = '#1f252d'
const SOFT_LIGHT = '#f4f5f7'

function tokens(color: string, ground: string, ink: string): string {
  const brand = readableOn(ground, color, 5)
  const soft = mix(parse(ground), parse(brand), 0.12)
  return `--brand:${brand};--brand-hover:${readableOn(ground, brand, 7)};--on-brand:${ink};--brand-soft:${soft};--own-bubble:${soft};--link:${readableOn(ground, color, 6)};--focus:${brand}`
}

/** Sets the tokens of both schemes, by the selectors of tokens.css; a constructable sheet passes any CSP. */
export function applyBrand(color: string): void {
  if (!/^#[\da-f]{6}$/i.test(color)) return
  const light = tokens(color, SOFT_LIGHT, '#ffffff')
  const dark = tokens(color, DARK_SURFACE, '#0b1626')
  adopt(
    `:root{${light}}:root[data-theme=dark]{${dark}}@media(prefers-color-scheme:dark){:root:not([data-theme=light]){${dark}}}`,
  )
}
