/** Files on their way to the server, kept apart for reply and note so that none changes its audience. */
import { reactive } from 'vue'

import type { Attachment } from '@shared/api/types'

import { api } from '../app/api'
import { explain } from '../app/failure'

export interface Upload {
  key: number
  name: string
  size: number
  progress: number
  done: Attachment | null
  error: string
  file: File | null
  cancel: () => void
}

let last = 0

export class Uploads {
  readonly list = reactive<Upload[]>([])

  add(files: Iterable<File>): void {
    for (const file of files) {
      last += 1
      const abort = new AbortController()
      this.list.push({
        key: last,
        name: file.name,
        size: file.size,
        progress: 0,
        done: null,
        error: '',
        file,
        cancel: () => abort.abort(),
      })
      void this.#send(last, file, abort.signal)
    }
  }

  /** Files that were already stored, when an unsent message is taken back. */
  restore(files: Attachment[]): void {
    for (const file of files) {
      last += 1
      this.list.push({
        key: last,
        name: file.name,
        size: file.size,
        progress: 1,
        done: file,
        error: '',
        file: null,
        cancel: () => undefined,
      })
    }
  }

  retry(upload: Upload): void {
    if (!upload.file) return
    this.remove(upload)
    this.add([upload.file])
  }

  remove(upload: Upload): void {
    upload.cancel()
    const at = this.list.findIndex((one) => one.key === upload.key)
    if (at >= 0) this.list.splice(at, 1)
  }

  get busy(): boolean {
    return this.list.some((one) => !one.done && !one.error)
  }

  /** Hands over what is stored and forgets it. */
  take(): Attachment[] {
    const files = this.list.flatMap((one) => (one.done ? [one.done] : []))
    this.list.splice(0)
    return files
  }

  async #send(key: number, file: File, signal: AbortSignal): Promise<void> {
    const find = (): Upload | undefined => this.list.find((one) => one.key === key)
    try {
      const stored = await api.upload<Attachment>(
        'attachments/',
        file,
        (share) => {
          const upload = find()
          if (upload) upload.progress = share
        },
        signal,
      )
      const upload = find()
      if (upload) upload.done = stored
    } catch (error) {
      const upload = find()
      if (upload && !signal.aborted) upload.error = explain(error)
    }
  }
}
