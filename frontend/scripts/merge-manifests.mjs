/** One manifest for the templates: the widget's is added to that of the other apps. */
import { readFileSync, writeFileSync } from 'node:fs'

const dist = new URL('../dist/', import.meta.url)
const read = (name) => JSON.parse(readFileSync(new URL(name, dist), 'utf8'))

const all = { ...read('manifest.json'), ...read('manifest.widget.json') }
writeFileSync(new URL('manifest.json', dist), `${JSON.stringify(all, null, 2)}\n`)
