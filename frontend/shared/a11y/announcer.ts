/** One hidden polite region (and one assertive) through which every screen speaks. */

type Urgency = 'polite' | 'assertive'

const regions = new Map<Urgency, HTMLElement>()

function region(urgency: Urgency): HTMLElement {
  const known = regions.get(urgency)
  if (known?.isConnected) return known
  const made = document.createElement('div')
  made.className = 'visually-hidden'
  made.setAttribute('aria-live', urgency)
  made.setAttribute('role', urgency === 'polite' ? 'status' : 'alert')
  document.body.append(made)
  regions.set(urgency, made)
  return made
}

/** Create the regions early: a region added together with its text is often not read. */
export function prepareAnnouncer(): void {
  region('polite')
  region('assertive')
}

/** Each call adds a line of its own, so the same words twice are read twice. */
export function announce(text: string, urgency: Urgency = 'polite'): void {
  const line = document.createElement('p')
  line.textContent = text
  region(urgency).append(line)
  window.setTimeout(() => line.remove(), 4000)
}
