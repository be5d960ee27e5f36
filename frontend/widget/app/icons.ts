/** Line drawings by name; those of later screens join with them. */
const FIRST = {
  back: 'M15 5l-7 7 7 7',
  close: 'M6 6l12 12M18 6L6 18',
  next: 'M9 5l7 7-7 7',
  search: 'M11 4a7 7 0 1 1 0 14 7 7 0 0 1 0-14zM16 16l4.500 4.500',
  chat: 'M5 4h14a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-8l-5 4v-4H5a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2z',
  mail: 'M4 5h16a1 1 0 0 1 1 1v12a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1zM3.500 7l8.500 6 8.500-6',
  phone:
    'M6 3h3l2 5-2.500 1.500a11 11 0 0 0 5 5l1.500-2.500 5 2v3a2 2 0 0 1-2 2c-8 0-14-6-14-14a2 2 0 0 1 2-2z',
  send: 'M5 12h13M12 5l7 7-7 7',
  file: 'M20 12l-8 8a5 5 0 0 1-7-7l8-8a3.500 3.500 0 0 1 5 5l-8 8a2 2 0 0 1-3-3l7-7',
}
type Later = 'more' | 'page' | 'alert' | 'check' | 'clock' | 'down' | 'eye'

export type IconName = keyof typeof FIRST | Later
export const PATHS: Partial<Record<IconName, string>> = FIRST

export function addIcons(paths: Record<Later, string>): void {
  Object.assign(PATHS, paths)
}
