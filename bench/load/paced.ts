import { fileURLToPath } from 'node:url'
import { startChild, until } from '../../test/support/child.ts'
import type { SenderReport } from '../outcome.ts'

/** A paced load in the background: see send-paced.ts. */
export interface PacedLoad {
  /** Ends the load; everything it counts was taken by the kernel. */
  stop(): Promise<Required<SenderReport>>
}

/** Resolves when the load has run for a second. */
export async function startPaced(port: number, { path, perSecond }: { readonly path: string; readonly perSecond: number }): Promise<PacedLoad> {
  const child = startChild(process.execPath, [fileURLToPath(new URL('./send-paced.ts', import.meta.url)), String(port), path, String(perSecond)])
  await until('the load to run', () => /\n\d+\n/.test(child.stdout()))
  return {
    async stop() {
      await child.stop()
      return JSON.parse(child.stdout().trimEnd().split('\n').at(-1)!) as Required<SenderReport>
    },
  }
}
