import { fileURLToPath } from 'node:url'
import { startChild, until } from '../../test/support/child.ts'
import { costOf } from '../measure.ts'
import type { Receiver } from './receiver.ts'

/** Reads and forgets: what the load generator can do when nobody works. A receiver near this rate is limited by the generator. */
export async function startSink(): Promise<Receiver> {
  const child = startChild(process.execPath, [fileURLToPath(new URL('./sink-server.ts', import.meta.url))])
  const port = await until('the sink to listen', () => Number(/^port (\d+)$/m.exec(child.stdout())?.[1] ?? 0) || false)
  const messages = (): number => Number(/(\d+)\s*$/.exec(child.stdout().replace(/^port \d+\n/, ''))?.[1] ?? 0)
  return {
    name: 'generator alone',
    pid: child.pid,
    tcpPort: port,
    udpPort: undefined,
    cost: () => costOf(child.pid),
    diskBytes: () => 0,
    countable: () => Promise.resolve(messages()),
    sealed: undefined,
    counters: () => Promise.resolve({ dropped: 0 }),
    stop: async () => void (await child.stop()),
  }
}
