import { fileURLToPath } from 'node:url'
import { startChild, type Child } from './child.ts'

/** A sender in a process of its own, so that what it costs delays neither the test nor the hub's answers as the test measures them. */
export interface SenderProcess<Result> {
  readonly child: Child
  /** What it says of itself in lines of JSON, newest last. */
  readonly news: () => readonly unknown[]
  /** Asks it to end (SIGTERM); resolves with its last line. */
  stop(): Promise<Result>
  /** Waits until it ends by itself; resolves with its last line. */
  finished(): Promise<Result>
}

/** Each connection is a descriptor. */
const MANY_FILES = 'ulimit -n 65536 2>/dev/null; exec "$0" "$@"'

/** Starts a program of this folder; `options` are its one argument, as JSON. */
export function startSender<Result>(program: string, options: unknown): SenderProcess<Result> {
  const child = startChild('sh', ['-c', MANY_FILES, process.execPath, fileURLToPath(new URL(program, import.meta.url)), JSON.stringify(options)])
  const news = (): readonly unknown[] => child.stdout().split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as unknown)
  const finished = async (): Promise<Result> => {
    const code = await child.ended
    if (code !== 0) throw new Error(`${program} ended with ${code}: ${child.output().slice(-4000)}`)
    return news().at(-1) as Result
  }
  return {
    child,
    news,
    finished,
    stop() {
      child.process.kill('SIGTERM')
      return finished()
    },
  }
}

/** For such a program: its options, and whether it has been asked to end. */
export function asSender<Options>(): { readonly options: Options; readonly stop: AbortSignal } {
  const stop = new AbortController()
  process.once('SIGTERM', () => stop.abort())
  return { options: JSON.parse(process.argv[2]!) as Options, stop: stop.signal }
}

/** For such a program: a line of its news. */
export const tell = (news: unknown): void => void process.stdout.write(`${JSON.stringify(news)}\n`)
