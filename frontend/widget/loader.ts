/** The one line a website adds: `<script async src="https://desk/w/SITE.js"></script>`. */
import type { LoaderConfig } from './embed/config'
import { makeLauncher } from './embed/launcher'
import { callsWaitingIn, makeApi } from './embed/queue'
import type { Api, Verbs } from './embed/queue'

/** The server replaces this name by the site's configuration when it serves the file. */
declare const __GUICHET_CONFIG__: LoaderConfig

const page = window as unknown as { Guichet?: Partial<Api> }

function start(): void {
  const stub = page.Guichet
  // A second script line on the same page changes nothing.
  if (stub?.logout) return
  const api = (page.Guichet = makeApi(makeLauncher(__GUICHET_CONFIG__) as unknown as Verbs))
  for (const call of callsWaitingIn(stub)) api.push(call)
}

if (document.body) start()
else addEventListener('DOMContentLoaded', start)
