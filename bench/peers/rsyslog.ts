import { mkdtempSync, openSync, readSync, closeSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, startChild, until } from '../../test/support/child.ts'
import { costOf } from '../measure.ts'
import type { Receiver } from './receiver.ts'

export type RsyslogInput = 'imtcp' | 'imptcp'

/**
 * Debian's rsyslog writing one flat file. What is set beside the defaults is what its documentation recommends for bulk:
 * a large main queue, large dequeue batches and a 64 KiB output buffer.
 */
export async function startRsyslog(input: RsyslogInput): Promise<Receiver> {
  const folder = mkdtempSync(join(tmpdir(), 'hps-bench-rsyslog-'))
  const file = join(folder, 'all.log')
  const port = await freePort()
  writeFileSync(join(folder, 'rsyslog.conf'), configuration({ input, port, folder, file }))
  const child = startChild('/usr/sbin/rsyslogd', ['-n', '-f', join(folder, 'rsyslog.conf'), '-i', join(folder, 'pid')])
  await until(`rsyslogd ${input} to listen`, () => isListening(port))
  return {
    name: `rsyslog ${input}`,
    pid: child.pid,
    tcpPort: port,
    udpPort: undefined,
    cost: () => costOf(child.pid),
    diskBytes: () => statSync(file, { throwIfNoEntry: false })?.size ?? 0,
    countable: lineCounter(file),
    sealed: undefined,
    counters: () => Promise.resolve({ dropped: 0 }),
    async stop() {
      await child.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function configuration({ input, port, folder, file }: { readonly input: RsyslogInput; readonly port: number; readonly folder: string; readonly file: string }): string {
  return `global(workDirectory="${folder}")
main_queue(queue.type="FixedArray" queue.size="500000" queue.dequeueBatchSize="4096")
module(load="${input}")
input(type="${input}" port="${port}" address="127.0.0.1")
action(type="omfile" file="${file}" template="RSYSLOG_TraditionalFileFormat" ioBufferSize="64k")
`
}

async function isListening(port: number): Promise<boolean> {
  const { connect } = await import('node:net')
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

/** Counts the lines that were added since it was last asked. */
function lineCounter(path: string): () => Promise<number> {
  const buffer = Buffer.allocUnsafe(4 << 20)
  let offset = 0
  let lines = 0
  return () => {
    if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) === offset) return Promise.resolve(lines)
    const file = openSync(path, 'r')
    for (;;) {
      const length = readSync(file, buffer, 0, buffer.length, offset)
      if (length === 0) break
      offset += length
      for (let at = buffer.indexOf(10); at >= 0 && at < length; at = buffer.indexOf(10, at + 1)) lines++
    }
    closeSync(file)
    return Promise.resolve(lines)
  }
}
