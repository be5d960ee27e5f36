/** A part of the frame that comes when it is first shown, with its words; failing, it says so and can be asked again. */
import { type Component, type FunctionalComponent, h, ref, shallowRef } from 'vue'

import type { Words } from './words'

export function lazy(
  words: Words,
  load: () => Promise<{ default: Component }>,
  shown: () => void = () => undefined,
): FunctionalComponent {
  const part = shallowRef<Component>()
  const failed = ref(false)
  let asked = false

  function ask(): void {
    asked = true
    failed.value = false
    Promise.all([load(), words.learn()])
      .then(([found]) => (part.value = found.default))
      .catch(() => (failed.value = true))
  }

  return (props) => {
    if (!asked) ask()
    if (part.value) return h(part.value, { ...props, onVnodeMounted: shown })
    if (!failed.value) return null
    const retry = h('button', { type: 'button', class: 'link', onClick: ask }, words.t('retry'))
    return h('p', { class: 'quiet failed-part', role: 'alert' }, [words.t('failed'), ' ', retry])
  }
}
