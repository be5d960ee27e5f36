/** The widget's frame: everything the visitor sees once the panel is asked for. */
import { createApp } from 'vue'

import '../../shared/ui/tokens.css'
import '../../shared/ui/base.css'
import './widget.css'
import App from './App.vue'

createApp(App).mount('#app')
