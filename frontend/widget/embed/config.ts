/** What the server bakes into the loader, and the words of the button. */

export interface LoaderConfig {
  /** Public key of the site. */
  site: string
  /** Where the desk lives: `https://desk.example.org`, without a final slash. */
  base: string
  color?: string
  position?: 'left' | 'right'
  /** Language when the page says none. */
  language?: string
  theme?: 'auto' | 'light' | 'dark'
  labels?: Partial<Record<string, Partial<Labels>>>
  /** Pixels between the button and the edges of the window. */
  x?: number
  y?: number
  z?: number
  /** No button: the page opens the panel by its own links. */
  hidden?: boolean
}

export interface Labels {
  open: string
  close: string
  title: string
  /** Their number follows. */
  unread: string
  write: string
}

const words: Record<string, Labels> = {
  en: {
    open: 'Help',
    close: 'Close help',
    title: 'Help and messages',
    unread: 'new messages:',
    write: 'Write to us',
  },
  fr: {
    open: 'Aide',
    close: 'Fermer l’aide',
    title: 'Aide et messages',
    unread: 'nouveaux messages :',
    write: 'Nous écrire',
  },
}

/** The language of the page wins over the site's, the site's over the browser's. */
export function languageOf(...wanted: (string | undefined)[]): string {
  return (
    wanted.map((tag) => (tag || '').slice(0, 2).toLowerCase()).find((tag) => words[tag]) || 'en'
  )
}

export function labelsOf(config: LoaderConfig, language: string): Labels {
  return { ...words[language]!, ...config.labels?.[language] }
}
