/** Takes out of Vue what the widget never uses and the compiler cannot know: every visitor would carry it. */
import type { Plugin } from 'vite'

/** The body of a function at the top of a module. */
const body = (name: string): RegExp =>
  new RegExp(`(?<=^function ${name}\\([^)]*\\) \\{)[^]*?(?=^\\})`, 'm')

/** Package, what is replaced, by what. */
const CUTS: [string, RegExp, string][] = [
  // Maps and sets that are reactive: there is none.
  [
    'reactivity',
    /case "Map":\s*case "Set":\s*case "WeakMap":\s*case "WeakSet":\s*return [^;]*;/,
    '',
  ],
  ['reactivity', /(?<=mutableCollectionHandlers = \{)\s*get: [^\n]*(?=\n\};)/, ''],
  ['reactivity', /(?<=shallowCollectionHandlers = \{)\s*get: [^\n]*(?=\n\};)/, ''],
  ['reactivity', /(?<=const readonlyCollectionHandlers = \{)\s*get: [^\n]*(?=\n\};)/, ''],
  ['reactivity', /(?<=shallowReadonlyCollectionHandlers = \{)\s*get: [^\n]*(?=\n\};)/, ''],
  // Styles bound in templates: there are classes only, a strict policy wants it so.
  ['shared', body('normalizeStyle'), ' return value '],
  ['runtime-core', /!looseEqual\(nextProp, prevProp\)/, 'nextProp !== prevProp'],
  ['runtime-dom', body('patchStyle'), ''],
  // Directives and transitions: there is none.
  ['runtime-core', body('invokeDirectiveHook'), ''],
  ['runtime-core', body('setTransitionHooks'), ''],
  // Runs of plain markup: no screen is long enough for one.
  ['runtime-dom', /(?<=insertStaticContent\([^)]*\) \{)[^]*?(?=^ {2}\}$)/m, ''],
]

export const leanVue: Plugin = {
  name: 'lean-vue',
  transform(code, id) {
    const name = /@vue\/([\w-]+)\/dist\/[^/]*bundler/.exec(id)?.[1]
    if (!name) return undefined
    let lean = code
    for (const [where, find, put] of CUTS) {
      if (where !== name) continue
      if (!find.test(lean))
        throw new Error(`Vue has changed, look again at ${find.source} (${name}).`)
      lean = lean.replace(find, put)
    }
    return lean
  },
}
