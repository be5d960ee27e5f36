/** Builds the widget's frame by itself: visitors must not carry what the console needs of Vue. */
import { defineConfig, type Plugin } from 'vite'

import base from './vite.config'

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
        file.source = String(file.source).replace(
          /(--[\w-]+):[^;{}]*(?:;|(?=\}))/g,
          (rule, name: string) => (used.has(name) ? rule : ''),
        )
  },
}

export default defineConfig({
  ...base,
  plugins: [...(base.plugins ?? []), usedTokensOnly],
  build: {
    ...base.build,
    emptyOutDir: false,
    manifest: 'manifest.widget.json',
    rolldownOptions: {
      input: ['widget/app/main.ts'],
      // One file for what every visitor needs at once: it is compressed better than several.
      output: {
        codeSplitting: {
          groups: [{ name: 'first', test: /node_modules|shared\/(?:api|a11y)|widget\/app\/Icon/ }],
        },
      },
    },
  },
})
