/** The teaser of sites that want one: asked for by their loader, and by no other. */
import type { LoaderConfig } from './embed/config'
import { tease, type TeaserConfig } from './embed/teaser'

/** The server replaces this name by the site's configuration when it serves the file. */
declare const __GUICHET_CONFIG__: LoaderConfig & TeaserConfig

tease(__GUICHET_CONFIG__)
