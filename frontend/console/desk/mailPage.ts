/** The HTML of a mail made ready for its frame: inline pictures in place, history folded, remote pictures held. */
import type { Attachment } from '@shared/api/types'

export interface MailPage {
  html: string
  /** Remote pictures that are not shown. */
  held: number
  isFolded: boolean
}

export interface MailPageWish {
  files: Attachment[]
  /** What the sender typed now; everything after it is history. */
  newest: string
  /** The summary of the fold. */
  foldLabel: string
  /** Where the n-th remote picture is read from; null while they are off. */
  remote: ((n: number) => string) | null
}

/** Letters and digits alone: bullets, spaces and signs differ between a page and its plain text. */
const bare = (text: string): string => text.normalize('NFKC').replace(/[^\p{L}\p{N}]+/gu, '')

export function mailPage(html: string, wish: MailPageWish): MailPage {
  const page = new DOMParser().parseFromString(html, 'text/html')
  placeInline(page, wish.files)
  const held = placeRemote(page, wish.remote)
  const isFolded = foldAfter(page.body, wish.newest, wish.foldLabel)
  return { html: page.body.innerHTML, held, isFolded }
}

/** A file that the page itself shows needs no place below it. */
export function shownInline(html: string, files: Attachment[]): Set<string> {
  const ids = new Set([...html.matchAll(/\bsrc="cid:([^"]+)"/gi)].map((match) => tidy(match[1]!)))
  return new Set(
    files
      .filter((file) => file.url && file.content_id && ids.has(tidy(file.content_id)))
      .map((file) => file.id),
  )
}

function tidy(id: string): string {
  const plain = id.replace(/^<|>$/g, '')
  try {
    return decodeURIComponent(plain)
  } catch {
    return plain
  }
}

function placeInline(page: Document, files: Attachment[]): void {
  const byId = new Map(files.map((file) => [tidy(file.content_id ?? ''), file]))
  for (const image of page.querySelectorAll<HTMLImageElement>('img[src^="cid:" i]')) {
    const file = byId.get(tidy((image.getAttribute('src') ?? '').slice(4)))
    if (file?.url) image.setAttribute('src', file.url)
    else image.removeAttribute('src')
    if (!image.hasAttribute('alt')) image.alt = file?.name ?? ''
  }
}

function placeRemote(page: Document, remote: MailPageWish['remote']): number {
  const images = [...page.querySelectorAll<HTMLImageElement>('img[data-remote-src]')]
  images.forEach((image, n) => {
    if (!image.hasAttribute('alt')) image.alt = ''
    if (remote) image.src = remote(n)
  })
  return remote ? 0 : images.length
}

/** The place in the page where the newest words end, or null when the page does not begin with them. */
function endOf(root: HTMLElement, newest: string): { node: Text; rest: string } | null {
  let wanted = bare(newest)
  if (!wanted) return null
  const walker = root.ownerDocument.createTreeWalker(root, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const node = walker.currentNode as Text
    const here = bare(node.data)
    if (!here) continue
    if (wanted.startsWith(here)) {
      wanted = wanted.slice(here.length)
      if (!wanted) return { node: lastMark(walker, node), rest: '' }
    } else if (here.startsWith(wanted)) {
      return { node, rest: cut(node.data, wanted.length) }
    } else {
      return null
    }
  }
  return null
}

/** The full stop in a node of its own still belongs to what was said. */
function lastMark(walker: TreeWalker, node: Text): Text {
  let last = node
  while (walker.nextNode() && !bare((walker.currentNode as Text).data)) {
    last = walker.currentNode as Text
  }
  return last
}

/** What follows in `text` after its first `count` letters and digits. */
function cut(text: string, count: number): string {
  let seen = 0
  for (const [at, character] of [...text].entries()) {
    if (seen >= count && (bare(character) || character === '\n'))
      return [...text].slice(at).join('')
    seen += bare(character).length
  }
  return ''
}

/** Moves all that follows the newest words into a closed `<details>`. True when there was something. */
function foldAfter(root: HTMLElement, newest: string, label: string): boolean {
  const end = endOf(root, newest)
  if (!end) return false
  const range = root.ownerDocument.createRange()
  range.setStart(end.node, end.node.data.length - end.rest.length)
  range.setEndAfter(root.lastChild!)
  const after = range.cloneContents()
  if (!bare(after.textContent ?? '') && !after.querySelector('img')) return false
  const history = range.extractContents()
  const fold = root.ownerDocument.createElement('details')
  const summary = root.ownerDocument.createElement('summary')
  summary.textContent = label
  fold.append(summary, history)
  root.append(fold)
  return true
}
