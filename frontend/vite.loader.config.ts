/** Builds the embed script: one classic script under a fixed name, without any import. */
import { fileURLToPath } from 'node:url'

import { defineConfig } from 'vite'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  root: here('.'),
  publicDir: false,
  resolve: { alias: { '@shared': here('shared') } },
  build: {
    outDir: 'dist',
    emptyOutDir: false,
    target: 'es2020',
    lib: {
      entry: here('widget/loader.ts'),
      formats: ['iife'],
      name: 'guichetLoader',
      fileName: () => 'loader.js',
    },
  },
})
