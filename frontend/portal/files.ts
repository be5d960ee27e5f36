/** Shows the chosen files, lets one be taken back, and refuses what is too big before the upload. */
import { announce } from '../shared/a11y/announcer'
import { formatSize } from '../shared/i18n/format'
import { locale, make, t } from './text'

const MB = 1_000_000

export function listFiles(input: HTMLInputElement): void {
  const most = Number(input.dataset.maxFiles) || 10
  const megabytes = Number(input.dataset.maxMb) || 20
  const list = make('ul', { 'data-file-list': '' })
  const problem = make('p', { 'data-error': '' })
  input.after(problem, list)
  let chosen: File[] = []

  function hold(files: File[]): void {
    const transfer = new DataTransfer()
    for (const file of files) transfer.items.add(file)
    input.files = transfer.files
    chosen = files
  }

  function take(files: File[]): void {
    const big = files.find((file) => file.size > megabytes * MB)
    const fits = files.filter((file) => file.size <= megabytes * MB)
    problem.textContent = big
      ? t('tooBig', { name: big.name, max: megabytes })
      : fits.length > most
        ? t('tooMany', { max: most })
        : ''
    if (problem.textContent) announce(problem.textContent, 'assertive')
    hold(fits.slice(0, most))
    draw()
  }

  function draw(): void {
    list.replaceChildren(
      ...chosen.map((file) => {
        const button = make(
          'button',
          { type: 'button', 'data-quiet': '', 'aria-label': t('remove', { name: file.name }) },
          t('removeShort'),
        )
        button.onclick = () => {
          take(chosen.filter((other) => other !== file))
          input.focus()
        }
        return make(
          'li',
          {},
          make('span', {}, file.name),
          make('small', {}, formatSize(file.size, locale)),
          button,
        )
      }),
    )
  }

  const key = (file: File): string => `${file.name}:${file.size}:${file.lastModified}`
  input.addEventListener('change', () => {
    // A second choice adds to the first: the browser alone would replace it.
    const known = new Set(chosen.map(key))
    const added = [...(input.files ?? [])].filter((file) => !known.has(key(file)))
    take(input.multiple ? [...chosen, ...added] : [...(input.files ?? [])])
  })
}
