/** The words the scripts add to the pages, in the language of the page. */
import { type Locale, pickLocale } from '../shared/i18n/format'
import { createTranslator } from '../shared/i18n/translate'

export const words: Record<Locale, Record<string, string>> = {
  en: {
    suggestTitle: 'This might help right now',
    suggestCount: '1 article may help | {count} articles may help',
    read: 'Read',
    answered: 'This answers it',
    glad: 'Glad it helped. There is nothing to send.',
    back: 'Back to my request',
    close: 'Close',
    openPage: 'Open as a page',
    failed: 'This could not be loaded. Try again in a moment.',
    results: '1 article found | {count} articles found',
    none: 'No article found. Press Enter to search everywhere.',
    remove: 'Remove {name}',
    removeShort: 'Remove',
    tooMany: 'Choose {max} files at most.',
    tooBig: '{name} is larger than {max} MB.',
    newMessage: 'New message from {name}',
    restored: 'We have put back what you had typed.',
  },
  fr: {
    suggestTitle: 'Ceci peut vous aider tout de suite',
    suggestCount: '1 article peut vous aider | {count} articles peuvent vous aider',
    read: 'Lire',
    answered: 'J’ai ma réponse',
    glad: 'Ravis d’avoir pu vous aider. Il n’y a rien à envoyer.',
    back: 'Revenir à ma demande',
    close: 'Fermer',
    openPage: 'Ouvrir dans une page',
    failed: 'Le chargement a échoué. Réessayez dans un instant.',
    results: '1 article trouvé | {count} articles trouvés',
    none: 'Aucun article trouvé. Entrée cherche partout.',
    remove: 'Retirer {name}',
    removeShort: 'Retirer',
    tooMany: 'Choisissez {max} fichiers au plus.',
    tooBig: '{name} dépasse {max} Mo.',
    newMessage: 'Nouveau message de {name}',
    restored: 'Nous avons remis ce que vous aviez saisi.',
  },
}

export const locale: Locale = pickLocale(document.documentElement.lang, navigator.language)
export const t = createTranslator(locale, words[locale])

type Child = Node | string

/** One element; `null` attributes are left out. No HTML string anywhere. */
export function make<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Record<string, string | null> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name)
  for (const [key, value] of Object.entries(attributes))
    if (value !== null) element.setAttribute(key, value)
  element.append(...children)
  return element
}
