/** The look of the button and the panel: a constructable sheet, so a strict CSP has nothing to refuse. */
import type { LoaderConfig } from './config'

const bubble =
  'M4 3h16a3 3 0 0 1 3 3v9a3 3 0 0 1-3 3h-9l-5 4v-4H4a3 3 0 0 1-3-3V6a3 3 0 0 1 3-3zm3 6v3h2V9zm4 0v3h2V9zm4 0v3h2V9z'
const arrow = 'M4 10l2-2 6 6 6-6 2 2-8 8z'

/** The icon is a clipped box and no image; the ink turns black on a light brand colour (L* above 50). */
export function rules(config: LoaderConfig): string {
  const { x = 20, y = 20, z = 2147483000, color = '#1f5fbf' } = config
  const scheme = config.theme && config.theme !== 'auto' ? config.theme : 'light dark'
  const side = config.position === 'left' ? 'left' : 'right'
  return `:host{all:initial;position:fixed;z-index:${z};color-scheme:${scheme};font:500 16px system-ui,sans-serif}
[hidden]{display:none!important}
button{all:unset;cursor:pointer}
:focus-visible{outline:3px solid ${color};outline-offset:3px;box-shadow:0 0 0 3px #fff}
[aria-haspopup]{position:fixed;${side}:${x}px;bottom:${y}px;display:flex;gap:10px;align-items:center;height:52px;padding:0 20px 0 16px;border-radius:26px;background:${color};color:#fff;color:lab(from ${color} calc((50 - l)*infinity) 0 0);box-shadow:0 4px 16px #0003,0 0 0 1px #fff4}
[aria-haspopup]:hover{filter:brightness(.9)}
i{width:24px;height:24px;background:currentColor;forced-color-adjust:none;clip-path:path(evenodd,"${bubble}")}
[aria-expanded=true] i{clip-path:path("${arrow}")}
b{position:absolute;top:-6px;left:-6px;min-width:10px;padding:0 6px;border-radius:11px;background:#b3261e;color:#fff;font:600 13px/22px system-ui;text-align:center}
dialog{position:fixed;inset:auto;${side}:${x}px;bottom:${y + 64}px;width:400px;max-width:calc(100vw - 40px);height:680px;max-height:calc(100vh - ${y + 80}px);margin:0;padding:0;border:0;border-radius:16px;overflow:hidden;background:Canvas;color:CanvasText;box-shadow:0 12px 40px #0003,0 0 0 1px #0001}
dialog>*{float:right;padding:16px;color:inherit}
iframe{position:absolute;inset:0;width:100%;height:100%;padding:0;border:0;opacity:0}
.on{opacity:1}
dialog:has(.on)>:not(.on){visibility:hidden}
@media(max-width:600px){[aria-haspopup]{width:52px;padding:0;justify-content:center}span{display:none}[aria-expanded=true]{visibility:hidden}dialog{inset:0;width:100%;max-width:none;height:100dvh;max-height:none;border-radius:0}}
@media(forced-colors:active){[aria-haspopup],dialog{border:1px solid}}
@media print{:host{display:none}}`
}

/** The frame as a part of the page: as high as its place, and no button. */
export const inlineRules = `:host{position:static;display:block;height:100%;min-height:560px}
[aria-haspopup],dialog>button{display:none!important}
dialog{position:relative;inset:auto!important;width:100%;max-width:none;height:100%;max-height:none;min-height:inherit;border-radius:inherit;box-shadow:none}`
