/** Fails the build when a bundle outgrows its budget (gzip, kilobytes of 1,000 bytes). */
import { existsSync, readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const dist = new URL('../dist/', import.meta.url)
const manifest = JSON.parse(readFileSync(new URL('manifest.json', dist), 'utf8'))
const size = (file) => gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length / 1000

/** Every file the browser needs at once for these modules: static imports only. */
function closure(modules, withCss) {
  const seen = new Set()
  const files = new Set()
  const visit = (key) => {
    if (seen.has(key)) return
    seen.add(key)
    const chunk = manifest[key]
    if (!chunk) throw new Error(`${key} is not in the manifest`)
    files.add(chunk.file)
    if (withCss) for (const css of chunk.css ?? []) files.add(css)
    for (const next of chunk.imports ?? []) visit(next)
  }
  modules.forEach(visit)
  return [...files]
}

const budgets = [
  { name: 'loader', files: () => ['loader.js'], limit: 3 },
  // On the host page: on sites with a teaser, and where the frame is a part of the page.
  { name: 'loader and teaser', files: () => ['loader.js', 'teaser.js'], limit: 6 },
  { name: 'loader, inline', files: () => ['inline.js'], limit: 3.5 },
  {
    // All of it: the script on the host page, and what the frame asks for at once. The frame's page and the two
    // answers about articles and channels have the rest of the 40 kB (tests/chat/test_views.py, tests/e2e/test_widget.py).
    name: 'widget, to the first letter',
    files: () => [
      'loader.js',
      ...closure(['widget/app/main.ts', 'widget/app/locales/fr.json'], true),
    ],
    limit: 39,
  },
  {
    name: 'console, inbox route (JS)',
    files: () =>
      closure(
        // One language is loaded; French is the longer one.
        ['console/main.ts', 'console/app/locales/fr.json', 'console/desk/InboxPage.vue'],
        false,
      ),
    limit: 200,
  },
  { name: 'portal (JS)', files: () => closure(['portal/main.ts'], false), limit: 15 },
]

let failed = false
for (const { name, files, limit } of budgets) {
  const list = files()
  const missing = list.filter((file) => !existsSync(new URL(file, dist)))
  if (missing.length) throw new Error(`${name}: ${missing.join(', ')} was not built`)
  const total = list.reduce((sum, file) => sum + size(file), 0)
  const verdict = total <= limit ? 'ok' : 'TOO BIG'
  failed ||= total > limit
  console.log(`${name.padEnd(28)} ${total.toFixed(1).padStart(7)} / ${limit} kB gz  ${verdict}`)
}
process.exit(failed ? 1 : 0)
