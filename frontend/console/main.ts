/** The agents' console. */
import '@shared/ui/tokens.css'
import '@shared/ui/base.css'
import './ui/console.css'

import { VueQueryPlugin } from '@tanstack/vue-query'
import { createPinia } from 'pinia'
import { createApp } from 'vue'

import { prepareAnnouncer } from '@shared/a11y/announcer'

import App from './app/App.vue'
import iconUrl from './app/icon.svg?url'
import { i18n, setLocale, startLocale } from './app/i18n'
import { queryClient } from './app/query'
import { router } from './app/router'
import { followTheme } from './app/theme'

followTheme()
prepareAnnouncer()

const icon = document.createElement('link')
icon.rel = 'icon'
icon.type = 'image/svg+xml'
icon.href = iconUrl
document.head.append(icon)

const mount = document.querySelector('#app') ?? document.body.appendChild(makeRoot())

function makeRoot(): HTMLElement {
  const root = document.createElement('div')
  root.id = 'app'
  return root
}

void setLocale(startLocale()).then(() => {
  createApp(App)
    .use(createPinia())
    .use(router)
    .use(i18n)
    .use(VueQueryPlugin, { queryClient })
    .mount(mount)
})
