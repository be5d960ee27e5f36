/** Puts compressed copies beside the built files: the server sends them as they are, without work per request. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { brotliCompressSync, gzipSync } from 'node:zlib'

const TEXT = /\.(?:js|css|svg|json)$/
/** Below this a packet is a packet. */
const LEAST = 1000

const assets = new URL('../dist/assets/', import.meta.url)
for (const name of readdirSync(assets)) {
  const file = new URL(name, assets)
  const content = TEXT.test(name) ? readFileSync(file) : ''
  if (content.length < LEAST) continue
  writeFileSync(`${file.pathname}.gz`, gzipSync(content, { level: 9 }))
  writeFileSync(`${file.pathname}.br`, brotliCompressSync(content))
}
