import { readdirSync, readFileSync } from 'node:fs'
import { startChild, until } from '../child.ts'

/** Makes a running hub slow in a way that machines are slow; `lift` ends it. */
export interface Brake {
  lift(): Promise<void>
}

/** Every sync of the log writer takes so much longer, as on a disk that cannot keep up. All else of the hub is as quick as ever. */
export async function slowDisk(pid: number, syncMs: number): Promise<Brake> {
  const tasks = `/proc/${pid}/task`
  const writer = readdirSync(tasks).find((id) => readFileSync(`${tasks}/${id}/comm`, 'utf8').trim() === 'writer.ts')
  if (writer === undefined) throw new Error('the hub has no thread named writer.ts')
  const child = startChild('strace', ['-p', writer, '-e', 'trace=fdatasync', '-e', `inject=fdatasync:delay_enter=${syncMs * 1000}`, '-o', '/dev/null'])
  await until('strace to hold the writer', () => child.output().includes('attached') || (!child.running() && Promise.reject(new Error(child.output()))))
  return { lift: async () => void (await child.stop()) }
}

/** The whole process runs for `onMs` and stands still for `offMs`, over and over, as on a machine with other work to do. */
export function starved(pid: number, { onMs, offMs }: { readonly onMs: number; readonly offMs: number }): Brake {
  let timer: NodeJS.Timeout
  const stand = (): void => {
    process.kill(pid, 'SIGSTOP')
    timer = setTimeout(run, offMs)
  }
  const run = (): void => {
    process.kill(pid, 'SIGCONT')
    timer = setTimeout(stand, onMs)
  }
  run()
  return {
    lift() {
      clearTimeout(timer)
      process.kill(pid, 'SIGCONT')
      return Promise.resolve()
    },
  }
}
