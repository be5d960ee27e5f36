/** Sounds and the browser's own notices. Each is switched on by a click: browsers allow neither without one. */
import { ref } from 'vue'

export type Tune = 'offer' | 'message' | 'call'
export type Choice = 'on' | 'off' | ''

/** Pitches in Hz, one after the other. */
const TUNES: Record<Tune, readonly number[]> = {
  offer: [660, 880, 660, 880],
  message: [740, 620],
  call: [520, 660, 780],
}
const NOTE_S = 0.14
const LOUDNESS = 0.12

const kept = (name: string): Choice => {
  const value = localStorage.getItem(`guichet.alerts.${name}`)
  return value === 'on' || value === 'off' ? value : ''
}
const keep = (name: string, value: Choice): void =>
  localStorage.setItem(`guichet.alerts.${name}`, value)

const canNotify = 'Notification' in window
/** What the agent chose; '' as long as nobody has asked him. */
export const sound = ref<Choice>(kept('sound'))
export const notices = ref<Choice>(
  canNotify && Notification.permission === 'granted' ? kept('notices') : 'off',
)
/** The browser refuses notices for good: only its own settings can change that. */
export const blocked = ref(canNotify && Notification.permission === 'denied')
export const noticesPossible = canNotify

/** The conversation before the agent's eyes: what is said there needs no bell. */
export const onScreen = ref<number | null>(null)

let audio: AudioContext | null = null

/** After a reload the browser wants one more click, on whatever. */
function wake(): void {
  if (sound.value !== 'on') return
  audio ??= new AudioContext()
  void audio.resume().catch(() => undefined)
}
for (const kind of ['pointerdown', 'keydown']) {
  window.addEventListener(kind, wake, { passive: true, capture: true })
}

export function setSound(on: boolean): void {
  sound.value = on ? 'on' : 'off'
  keep('sound', sound.value)
  if (!on) return
  wake()
  ring('message')
}

export function ring(tune: Tune): void {
  if (sound.value !== 'on') return
  try {
    audio ??= new AudioContext()
    play(audio, TUNES[tune])
  } catch {
    // A machine without sound has the notices and the title.
  }
}

function play(context: AudioContext, pitches: readonly number[]): void {
  pitches.forEach((pitch, at) => {
    const start = context.currentTime + at * NOTE_S
    const tone = context.createOscillator()
    const level = context.createGain()
    tone.frequency.value = pitch
    level.gain.setValueAtTime(0, start)
    level.gain.linearRampToValueAtTime(LOUDNESS, start + 0.02)
    level.gain.linearRampToValueAtTime(0, start + NOTE_S)
    tone.connect(level).connect(context.destination)
    tone.start(start)
    tone.stop(start + NOTE_S)
  })
}

export async function setNotices(on: boolean): Promise<void> {
  if (on && canNotify && Notification.permission !== 'granted') {
    const answer = await Notification.requestPermission()
    blocked.value = answer === 'denied'
    on = answer === 'granted'
  }
  notices.value = on ? 'on' : 'off'
  keep('notices', notices.value)
}

/** A notice of the browser; one of the same tag replaces the one before. A click comes here and goes there. */
export function show(tag: string, title: string, body: string, go: () => void): void {
  if (notices.value !== 'on' || (document.hasFocus() && !document.hidden)) return
  try {
    const notice = new Notification(title, { body, tag, lang: document.documentElement.lang })
    notice.onclick = () => {
      window.focus()
      go()
      notice.close()
    }
  } catch {
    // Some phones show notices of workers only.
  }
}
