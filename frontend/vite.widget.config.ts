/** Builds the widget's frame by itself: visitors must not carry what the console needs of Vue. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { defineConfig, type Plugin } from 'vite'

import base from './vite.config'
import { leanVue } from './vite.lean-vue'

const FIRST =
  /preload-helper|node_modules|shared\/(?:api\/client|a11y|ui\/colour|i18n\/(?:format|intl|translate))|widget\/app\/(?!main)(?:home\/)?[^/]+\.(?:ts|vue)/
const TOKENS = fileURLToPath(new URL('shared/ui/tokens.css', import.meta.url))

/** Tokens that have one value in every theme, such as spaces. */
function constants(): Map<string, string> {
  const found = new Map<string, string[]>()
  for (const [, name, value] of readFileSync(TOKENS, 'utf8').matchAll(/(--[\w-]+):([^;{}]+);/g))
    found.set(name!, [...(found.get(name!) ?? []), value!.trim()])
  return new Map(
    [...found].flatMap(([name, [value, ...more]]) => (more.length ? [] : [[name, value!]])),
  )
}

/** They are written out where they are used: shorter than their names. */
const constantTokens = (): Plugin => {
  const values = constants()
  return {
    name: 'constant-tokens',
    enforce: 'pre',
    transform: (code, id) =>
      /\.css(?:\?|$)/.test(id)
        ? code.replace(/var\((--[\w-]+)\)/g, (read, name: string) => values.get(name) ?? read)
        : undefined,
  }
}

/** Tokens that nothing in the widget reads are not sent to visitors. */
const usedTokensOnly: Plugin = {
  name: 'used-tokens-only',
  generateBundle(_, bundle) {
    const files = Object.values(bundle)
    const text = files.map((file) => (file.type === 'asset' ? String(file.source) : file.code))
    const used = new Set(
      text
        .join('')
        .match(/var\((--[\w-]+)/g)
        ?.map((name) => name.slice(4)),
    )
    for (const file of files)
      if (file.type === 'asset' && file.fileName.endsWith('.css'))
        file.source = String(file.source)
          .replace(/(--[\w-]+):[^;{}]*(?:;|(?=\}))/g, (rule, name: string) =>
            used.has(name) ? rule : '',
          )
          .replace(/@media \([^)]*\)\{:root\{\}\}/g, '')
  },
}

/** The parts bring their own style and nothing has to be fetched before them: an import is an import. */
const plainImports: Plugin = {
  name: 'plain-imports',
  enforce: 'pre',
  load: (id) =>
    id === '\0vite/preload-helper.js' ? 'export const __vitePreload = (load) => load()' : undefined,
}

export default defineConfig({
  ...base,
  plugins: [...(base.plugins ?? []), constantTokens(), plainImports, leanVue, usedTokensOnly],
  build: {
    ...base.build,
    emptyOutDir: false,
    manifest: 'manifest.widget.json',
    modulePreload: false,
    rolldownOptions: {
      input: ['widget/app/main.ts'],
      // One file for what every visitor needs at once: it is compressed better than several.
      output: {
        codeSplitting: {
          includeDependenciesRecursively: false,
          groups: [{ name: 'first', test: FIRST }],
        },
      },
    },
  },
})
