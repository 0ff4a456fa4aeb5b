import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCli, type CliIo } from '#cli/index.ts'
import { TOKEN, type FakeHub } from './fake-hub.ts'

export interface Outcome {
  readonly code: number
  /** Standard output. */
  readonly out: string
  /** Standard error. */
  readonly talk: string
}

export interface LineOptions {
  readonly hub?: Pick<FakeHub, 'url'> | undefined
  readonly env?: Readonly<Record<string, string>>
  readonly isTerminal?: boolean
  readonly input?: string
  /** Raise it to end a command that follows; `onOut` sees all output so far. */
  readonly signal?: AbortSignal
  readonly onOut?: (all: string) => void
  /** A terminal to look at; the clock then goes a second with each look. */
  readonly onProgress?: (line: string | undefined) => void
}

const emptyData = mkdtempSync(join(tmpdir(), 'hps-cli-'))

/** Runs one command line as a person would write it: words separated by single spaces, `_` for a space inside a word. */
export async function runLine(line: string, { hub, env = {}, isTerminal = false, input = '', signal = new AbortController().signal, onOut, onProgress }: LineOptions = {}): Promise<Outcome> {
  let out = ''
  let talk = ''
  let nowMs = Date.parse('2026-11-22T15:00:00Z')
  const io: CliIo = {
    env: { HPS_DATA: emptyData, ...(hub === undefined ? {} : { HPS_URL: hub.url, HPS_TOKEN: TOKEN }), ...env },
    clock: () => (nowMs += onProgress === undefined ? 0 : 1000),
    progress: onProgress,
    random: () => 0,
    fetch,
    isTerminal,
    columns: undefined,
    signal,
    out: (data) => {
      out += typeof data === 'string' ? data : Buffer.from(data).toString('latin1')
      onOut?.(out)
    },
    talk: (text) => void (talk += `${text}\n`),
    openSink: async () => ({ write: async (bytes: Uint8Array) => void (out += Buffer.from(bytes).toString('latin1')), close: async () => {}, abandon: async () => {} }),
    read: async () => input,
    pieces: async function* () {
      yield Buffer.from(input)
    },
    sleep: async () => {},
    onHangup: () => {},
  }
  const code = await runCli(line === '' ? [] : line.split(' ').map((word) => word.replaceAll('_', ' ')), io)
  return { code, out, talk }
}
