/** Runs at most once per pause, whatever the number of calls. */
export function debounced(run: () => void, ms: number): () => void {
  let timer: number | undefined
  return () => {
    if (timer !== undefined) return
    timer = window.setTimeout(() => {
      timer = undefined
      run()
    }, ms)
  }
}
