/** One small invitation at most in a visit, after real time on the page; it never opens anything by itself. */
import { languageOf, type LoaderConfig } from './config'

export interface TeaserConfig {
  teaser: Partial<Record<string, string>>
  /** Seconds during which the page has been before the visitor's eyes. */
  after: number
}

const DISMISS: Record<string, string> = { en: 'Dismiss', fr: 'Masquer' }

/** Storage may be closed to us: then it counts as shown, rather than shown on each page. */
function remembers(store: () => Storage, name: string): boolean {
  try {
    return store().getItem(name) !== null
  } catch {
    return true
  }
}

export function tease(config: LoaderConfig & TeaserConfig): void {
  const language = languageOf(document.documentElement.lang, config.language, navigator.language)
  const text = config.teaser[language]
  const shadow = document.querySelector('guichet-help')?.shadowRoot
  const opener = shadow?.querySelector<HTMLElement>('[aria-haspopup]')
  const key = `guichet:${config.site}`
  const isUnwanted =
    matchMedia('(max-width:600px)').matches ||
    remembers(() => localStorage, key) ||
    remembers(() => localStorage, `${key}:quiet`) ||
    remembers(() => sessionStorage, `${key}:teased`)
  if (!text || !shadow || !opener || opener.hidden || isUnwanted) return

  let seen = 0
  const timer = setInterval(() => {
    if (opener.ariaExpanded === 'true') return clearInterval(timer)
    if (document.visibilityState === 'visible' && ++seen >= config.after) {
      clearInterval(timer)
      show(shadow, opener, text)
    }
  }, 1000)

  function show(root: ShadowRoot, button: HTMLElement, words: string): void {
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(rules(config))
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet]
    const box = document.createElement('div')
    box.setAttribute('role', 'status')
    root.append(box)
    sessionStorage.setItem(`${key}:teased`, '1')
    const part = (content: string, act: () => void): HTMLButtonElement =>
      Object.assign(document.createElement('button'), { textContent: content, onclick: act })
    const invitation = part(words, () => button.click())
    const dismiss = part('×', () => {
      localStorage.setItem(`${key}:quiet`, '1')
      button.focus()
      box.remove()
    })
    dismiss.ariaLabel = DISMISS[language]!
    // Filled a moment later: only what comes into a region that was there is read out.
    setTimeout(() => box.append(invitation, dismiss), 100)
    new MutationObserver(() => {
      if (button.ariaExpanded === 'true') box.remove()
    }).observe(button, { attributeFilter: ['aria-expanded'] })
  }
}

function rules({ position, x = 20, y = 20 }: LoaderConfig): string {
  const side = position === 'left' ? 'left' : 'right'
  return `[role=status]{position:fixed;${side}:${x}px;bottom:${y + 64}px;display:flex;align-items:flex-start;max-width:280px;border-radius:12px;background:Canvas;color:CanvasText;box-shadow:0 4px 16px #0003,0 0 0 1px #0002}
[role=status]:empty{display:none}
[role=status] button{padding:14px 0 14px 16px;min-height:16px}
[role=status] button+button{padding:14px;min-width:16px;text-align:center}
@media(max-width:600px){[role=status]{display:none}}
@media(forced-colors:active){[role=status]{border:1px solid}}`
}
