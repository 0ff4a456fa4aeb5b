import { open, rename } from 'node:fs/promises'
import { once } from 'node:events'

/** Takes bytes as fast as they can be written. */
export interface Sink {
  write(bytes: Uint8Array): Promise<void>
  /** All is written; a file gets its name. */
  close(): Promise<void>
  /** Something is missing; a file keeps the name `FILE.part`. */
  abandon(): Promise<void>
}

/** Standard output, or a file that is written as `FILE.part`. */
export async function openSink(file: string | undefined): Promise<Sink> {
  if (file === undefined) {
    return {
      async write(bytes) {
        if (!process.stdout.write(bytes)) await once(process.stdout, 'drain')
      },
      close: async () => undefined,
      abandon: async () => undefined,
    }
  }
  const part = `${file}.part`
  const handle = await open(part, 'w')
  return {
    async write(bytes) {
      for (let done = 0; done < bytes.length; ) done += (await handle.write(bytes, done)).bytesWritten
    },
    async close() {
      await handle.sync()
      await handle.close()
      await rename(part, file)
    },
    abandon: () => handle.close(),
  }
}
