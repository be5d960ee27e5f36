/** Builds the three apps into `dist/`, with a manifest that the Django templates read. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import vue from '@vitejs/plugin-vue'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
// The widget is built by itself: see vite.widget.config.ts.
const entries = ['console/main.ts', 'portal/main.ts']

/** The console reads its messages itself (`console/app/messages.ts`): vue-i18n's compiler stays out of the bundle. */
const leanI18n: Plugin = {
  name: 'lean-i18n',
  apply: 'build',
  transform(code, id) {
    if (!/vue-i18n\/dist\/[^/]*\.mjs$/.test(id)) return undefined
    const registered = 'registerMessageCompiler(compile);'
    if (!code.includes(registered)) throw new Error('vue-i18n has changed, look again.')
    return code.replace(registered, '')
  },
}

export default defineConfig({
  root: here('.'),
  base: '/static/',
  plugins: [vue(), leanI18n],
  resolve: {
    alias: { '@shared': here('shared'), '@console': here('console') },
  },
  define: {
    __VUE_OPTIONS_API__: false,
    __VUE_PROD_DEVTOOLS__: false,
    __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: false,
    __VUE_I18N_LEGACY_API__: false,
    __VUE_I18N_FULL_INSTALL__: false,
    __INTLIFY_PROD_DEVTOOLS__: false,
  },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    manifest: 'manifest.json',
    target: 'es2022',
    // Fonts and icons stay files of their own: a strict CSP refuses data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: entries.filter((entry) => existsSync(here(entry))),
      output: {
        // An icon of a few lines is not worth a file: those that several pages show come together.
        codeSplitting: {
          includeDependenciesRecursively: false,
          groups: [{ name: 'icons', test: /@lucide/, minShareCount: 3 }],
        },
      },
    },
  },
  server: { port: 5173, strictPort: true, cors: true },
  test: {
    environment: 'jsdom',
    include: ['{shared,console,widget,portal}/**/*.test.ts'],
    restoreMocks: true,
  },
})
