import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { openSink, type Sink } from './sink.ts'

/** Everything outside that the command line touches. Data goes out by `out`, talk by `talk`: a pipe sees data only. */
export interface CliIo {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly clock: () => number
  readonly random: () => number
  readonly fetch: typeof fetch
  readonly isTerminal: boolean
  /** Width of the terminal; undefined for a file or pipe. */
  readonly columns: number | undefined
  /** Ends long commands: Ctrl-C, SIGTERM, or a reader that closed its pipe. */
  readonly signal: AbortSignal
  /** Calls `work` at each SIGHUP, which otherwise ends the process. */
  readonly onHangup: (work: () => void) => void
  readonly out: (data: string | Uint8Array) => void
  readonly talk: (line: string) => void
  /** One line on the terminal's standard error that is written over by the next, or taken away by `undefined`; absent where there is none to look at. */
  readonly progress?: ((line: string | undefined) => void) | undefined
  /** Where bytes go that may be many: standard output, or a file that is there under its name only when it is whole. */
  readonly openSink: (file: string | undefined) => Promise<Sink>
  /** A whole file, or standard input for `-`. */
  readonly read: (file: string) => Promise<string>
  /** The same piece by piece, as bytes. */
  readonly pieces: (file: string) => AsyncIterable<Uint8Array>
  readonly sleep: (ms: number) => Promise<void>
}

/** The real one. A reader that went away (`hps logs | head`) ends the process quietly; a second Ctrl-C ends it at once. */
export function processIo(): CliIo {
  const controller = new AbortController()
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(name === 'SIGINT' ? 130 : 143)
      controller.abort(name)
    })
  }
  return {
    env: process.env,
    clock: Date.now,
    random: Math.random,
    fetch,
    isTerminal: process.stdout.isTTY === true,
    columns: process.stdout.isTTY === true ? process.stdout.columns : undefined,
    signal: controller.signal,
    onHangup: (work) => void process.on('SIGHUP', work),
    out: (data) => void process.stdout.write(data),
    talk: (line) => void process.stderr.write(`${line}\n`),
    progress: process.stderr.isTTY ? (line) => void process.stderr.write(`\r\u001b[K${line ?? ''}`) : undefined,
    openSink,
    read: (file) => (file === '-' ? text(process.stdin) : readFile(file, 'utf8')),
    pieces: (file) => (file === '-' ? process.stdin : createReadStream(file)),
    sleep: (ms) => sleep(ms, controller.signal),
  }
}

/** Ends early, without complaint, when the signal is raised. */
function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, signal.aborted ? 0 : ms)
    signal.addEventListener('abort', done, { once: true })
  })
}
