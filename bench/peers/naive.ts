import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort, startChild, until } from '../../test/support/child.ts'
import { costOf, kernelDrops } from '../measure.ts'
import type { Receiver } from './receiver.ts'

/** npm's `syslog-server` with the ten lines that its readme suggests: each message appended to a file. UDP only. */
export async function startNaive(): Promise<Receiver> {
  const folder = mkdtempSync(join(tmpdir(), 'hps-bench-naive-'))
  const file = join(folder, 'all.log')
  const port = await freePort()
  let stored = 0
  const child = startChild(process.execPath, [fileURLToPath(new URL('./naive-server.ts', import.meta.url)), String(port), file])
  await until('syslog-server to listen', () => child.stdout().includes('ready'))
  return {
    name: 'npm syslog-server',
    pid: child.pid,
    tcpPort: undefined,
    udpPort: port,
    cost: () => costOf(child.pid),
    diskBytes: () => statSync(file, { throwIfNoEntry: false })?.size ?? 0,
    countable() {
      const last = child.stdout().trimEnd().split('\n').at(-1)!
      stored = last === 'ready' ? 0 : Number(last)
      return Promise.resolve(stored)
    },
    sealed: undefined,
    counters: () => Promise.resolve({ dropped: kernelDrops(port) }),
    async stop() {
      await child.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
