/** The widget's frame: everything the visitor sees once the panel is asked for. */
import { createApp } from 'vue'

import { pickLocale } from '../../shared/i18n/format'
import '../../shared/ui/tokens.css'
import '../../shared/ui/base.css'
import './widget.css'
import App from './App.vue'
import { readConfig } from './config'
import { Words } from './words'

const config = readConfig()
if (config.theme !== 'auto') document.documentElement.dataset.theme = config.theme
const words = new Words()
const wish = new URLSearchParams(location.search).get('lang')

void words
  .speak(pickLocale(wish, config.language, navigator.language))
  .then(() => createApp(App, { config, words }).mount('#app'))
