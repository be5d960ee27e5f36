/** Builds the three apps into `dist/`, with a manifest that the Django templates read. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
// The widget is built by itself: see vite.widget.config.ts.
const entries = ['console/main.ts', 'portal/main.ts']

export default defineConfig({
  root: here('.'),
  base: '/static/',
  plugins: [vue()],
  resolve: {
    alias: { '@shared': here('shared'), '@console': here('console') },
  },
  define: {
    __VUE_OPTIONS_API__: false,
    __VUE_PROD_DEVTOOLS__: false,
    __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: false,
    __VUE_I18N_LEGACY_API__: false,
    __VUE_I18N_FULL_INSTALL__: false,
  },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    manifest: 'manifest.json',
    target: 'es2022',
    // Fonts and icons stay files of their own: a strict CSP refuses data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: entries.filter((entry) => existsSync(here(entry))) },
  },
  server: { port: 5173, strictPort: true, cors: true },
  test: {
    environment: 'jsdom',
    include: ['{shared,console,widget,portal}/**/*.test.ts'],
    restoreMocks: true,
  },
})
