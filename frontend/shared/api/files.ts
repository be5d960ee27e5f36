/** The client of those who send and read files. */
import { ApiClient, ApiError, asObject, parse } from './client'

export class FileClient extends ApiClient {
  /** The bytes behind a path that only the caller may read. */
  async blob(path: string): Promise<Blob> {
    const headers = this.callHeaders('GET')
    const response = await fetch(this.address(path), { headers, credentials: this.credentials })
    if (!response.ok) throw new ApiError(response.status, {})
    return response.blob()
  }

  /** Sends one file, with what else the call says; `fetch` cannot report upload progress, so this is an XMLHttpRequest. */
  upload<T>(
    path: string,
    file: File,
    onProgress: (share: number) => void = () => undefined,
    signal?: AbortSignal,
    fields: Record<string, string> = {},
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest()
      request.open('POST', this.address(path))
      for (const [name, value] of Object.entries(this.callHeaders('POST'))) {
        request.setRequestHeader(name, value)
      }
      request.upload.onprogress = (event) => {
        if (event.lengthComputable) onProgress(event.loaded / event.total)
      }
      request.onerror = () => reject(new ApiError(0, {}))
      request.onabort = () => reject(new DOMException('Aborted', 'AbortError'))
      request.onload = () => {
        const body = parse(request.responseText)
        if (request.status >= 200 && request.status < 300) resolve(body as T)
        else reject(new ApiError(request.status, asObject(body)))
      }
      signal?.addEventListener('abort', () => request.abort())
      const form = new FormData()
      form.append('file', file)
      for (const [name, value] of Object.entries(fields)) form.append(name, value)
      request.send(form)
    })
  }
}
