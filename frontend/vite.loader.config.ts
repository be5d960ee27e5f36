/** Builds the embed scripts, each one classic file under a fixed name: the loader, `--mode inline`, `--mode teaser`. */
import { fileURLToPath } from 'node:url'

import { defineConfig } from 'vite'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig(({ mode }) => ({
  root: here('.'),
  publicDir: false,
  resolve: { alias: { '@shared': here('shared') } },
  define: { __INLINE__: mode === 'inline' },
  build: {
    outDir: 'dist',
    emptyOutDir: false,
    target: 'es2020',
    lib: {
      entry: here(`widget/${mode === 'teaser' ? 'teaser' : 'loader'}.ts`),
      formats: ['iife'],
      name: 'guichetLoader',
      fileName: () => (mode === 'production' ? 'loader.js' : `${mode}.js`),
    },
  },
}))
