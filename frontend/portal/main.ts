/** The customer pages: small improvements on pages that work without them. */
import { prepareAnnouncer } from '../shared/a11y/announcer'
import { dropDraft, keepDraft, submitOnce } from './drafts'
import { listFiles } from './files'
import { refreshLive } from './live'
import './portal.css'
import { searchAsYouType } from './search'
import { suggestWhileWriting } from './suggest'
import { showRelativeTimes } from './times'

const MINUTE_MS = 60_000

function each<T extends HTMLElement>(selector: string, work: (element: T) => void): void {
  document.querySelectorAll<T>(selector).forEach(work)
}

prepareAnnouncer()
each('[data-draft-done]', (element) => dropDraft(element.dataset.draftDone!))
each<HTMLFormElement>('form[data-suggest-form]', suggestWhileWriting)
each<HTMLFormElement>('form[data-draft]', keepDraft)
each<HTMLFormElement>('form[data-once]', submitOnce)
each<HTMLInputElement>('input[type=file][data-files]', listFiles)
each<HTMLFormElement>('form[data-help-search]', searchAsYouType)
each('[data-thread][data-live]', refreshLive)
each('[data-summary]', (summary) => summary.focus())
showRelativeTimes()
window.setInterval(showRelativeTimes, MINUTE_MS)
