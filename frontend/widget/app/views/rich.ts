/** Draws an article's HTML as elements from a short list: no HTML string ever reaches the page. */
import { type FunctionalComponent, h, type VNodeChild } from 'vue'

const DRAWN = new Set(
  'p br hr h2 h3 h4 ul ol li dl dt dd strong b em i u s code pre kbd blockquote table thead tbody tr th td img a mark sub sup figure figcaption details summary'.split(
    ' ',
  ),
)
/** Dropped with all they hold; anything else unknown gives way to its content. */
const DROPPED = new Set(['script', 'style', 'iframe', 'object', 'embed', 'form', 'svg', 'template'])
const ARTICLE = /\/help\/[^?#]*-(\d+)\/?$/

const safe = (address: string | null): string | undefined => {
  if (!address || !URL.canParse(address, location.href)) return undefined
  const { protocol } = new URL(address, location.href)
  return /^(?:https?|mailto|tel):$/.test(protocol) ? address : undefined
}

type Open = (id: number) => void

function attributes(name: string, element: Element, open: Open): Record<string, unknown> {
  if (name === 'a') {
    const href = safe(element.getAttribute('href'))
    const id = Number(ARTICLE.exec(href ?? '')?.[1])
    if (!id || !href!.startsWith('/')) return { href, target: '_blank', rel: 'noopener noreferrer' }
    return {
      href,
      onClick: (event: Event) => {
        event.preventDefault()
        open(id)
      },
    }
  }
  if (name === 'img')
    return {
      src: safe(element.getAttribute('src')),
      alt: element.getAttribute('alt') ?? '',
      loading: 'lazy',
    }
  const kept: Record<string, unknown> = {}
  for (const key of ['colspan', 'rowspan', 'scope', 'start', 'lang'])
    if (element.hasAttribute(key)) kept[key] = element.getAttribute(key)
  // A wide table or listing scrolls by itself, also by keyboard.
  if (name === 'pre' || name === 'table') kept.tabindex = 0
  return kept
}

/** The page has its own title; a head cell without words heads nothing. */
function nameOf({ localName, textContent }: Element): string {
  if (localName === 'h1') return 'h2'
  return localName === 'th' && !textContent?.trim() ? 'td' : localName
}

function draw(node: Node, open: Open): VNodeChild {
  if (node.nodeType === Node.TEXT_NODE) return node.textContent
  if (!(node instanceof Element)) return null
  const name = nameOf(node)
  if (DROPPED.has(name)) return null
  const children = Array.from(node.childNodes, (child) => draw(child, open))
  return DRAWN.has(name) ? h(name, attributes(name, node, open), children) : children
}

export const RichText: FunctionalComponent<{ html: string; open: Open }> = (props) => {
  const { body } = new DOMParser().parseFromString(props.html, 'text/html')
  return h(
    'div',
    { class: 'prose' },
    Array.from(body.childNodes, (node) => draw(node, props.open)),
  )
}
RichText.props = ['html', 'open']
