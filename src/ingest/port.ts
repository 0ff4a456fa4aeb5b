/** One end of a message channel to another thread, as far as ingest needs it: worker_threads' `MessagePort` and `parentPort` are such. */
export interface Port<Out, In> {
  postMessage(message: Out, transfer: ArrayBuffer[]): void
  on(event: 'message', listener: (message: In) => void): unknown
}
