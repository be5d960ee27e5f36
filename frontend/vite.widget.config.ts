/** Builds the widget's frame by itself: visitors must not carry what the console needs of Vue. */
import { defineConfig } from 'vite'

import base from './vite.config'

export default defineConfig({
  ...base,
  build: {
    ...base.build,
    emptyOutDir: false,
    manifest: 'manifest.widget.json',
    rolldownOptions: { input: ['widget/app/main.ts'] },
  },
})
