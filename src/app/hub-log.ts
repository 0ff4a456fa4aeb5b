import { hostname } from 'node:os'
import { HUB_APP } from '#domain/wire.ts'
import { printable } from '#base/text.ts'

/**
 * The hub's own log lines (pino JSON) become RFC 5424 frames of its own stream and readable lines for stderr.
 * Loop guard: what the stream itself makes the hub say must not grow the stream, so at most `MAX_STREAM_LINES_PER_SECOND`
 * go in; the rest is on stderr only. What others make the hub say must not fill the disk behind stderr either. Both are counted.
 */
const MAX_STREAM_LINES_PER_SECOND = 200
const MAX_PRINTED_LINES_PER_SECOND = 1000
const FACILITY_SYSLOG = 5
/** pino's levels to syslog severities. */
const SEVERITY: Readonly<Record<number, number>> = { 20: 7, 30: 6, 40: 4, 50: 3 }
const WORD: Readonly<Record<number, string>> = { 20: 'debug', 30: 'info', 40: 'warning', 50: 'error' }

export interface HubLog {
  /** Given to the logger; takes one JSON line. */
  write(line: string): void
  /** From now on lines go into the stream too; those said before are handed over first. `send` answers whether there was room. */
  connect(send: (frames: Uint8Array) => boolean): void
  /** No more lines into the stream (the ingest thread is ending). */
  disconnect(): void
  /** Lines that went to stderr only. */
  readonly withheld: number
  /** Lines that were not even printed. */
  readonly unprinted: number
}

export function createHubLog({ clock, print }: { readonly clock: () => number; readonly print: (line: string) => void }): HubLog {
  const host = hostname().replace(/[^!-~]/g, '') || '-'
  const early: Uint8Array[] = []
  let send: ((frames: Uint8Array) => boolean) | undefined = (frame) => early.length < MAX_STREAM_LINES_PER_SECOND && early.push(frame) > 0
  let second = 0
  let sentThisSecond = 0
  let withheld = 0
  let unprinted = 0
  return {
    get withheld() {
      return withheld
    },
    get unprinted() {
      return unprinted
    },
    write(line) {
      const { level, time, msg, ...fields } = JSON.parse(line) as { level: number; time: string; msg: string } & Record<string, unknown>
      const now = Math.floor(clock() / 1000)
      if (now !== second) [second, sentThisSecond] = [now, 0]
      const count = sentThisSecond++
      if (count >= MAX_PRINTED_LINES_PER_SECOND) {
        unprinted++
        return
      }
      const text = sentence(msg, fields)
      print(`${time} ${(WORD[level] ?? 'info').padEnd(7)} ${text}`)
      const frame = Buffer.from(`<${FACILITY_SYSLOG * 8 + (SEVERITY[level] ?? 6)}>1 ${time} ${host} ${HUB_APP} ${process.pid} - - ${text}\n`)
      if (count >= MAX_STREAM_LINES_PER_SECOND || send?.(frame) === false) withheld++
    },
    connect(to) {
      send = to
      for (const frame of early.splice(0)) if (!to(frame)) withheld++
    },
    disconnect() {
      send = undefined
    },
  }
}

/** `message key=value key="two words"`: one line, whatever the values hold. */
function sentence(message: string, fields: Readonly<Record<string, unknown>>): string {
  const parts = Object.entries(fields).map(([key, value]) => {
    const text = typeof value === 'string' ? value : key === 'err' ? errorText(value) : JSON.stringify(value)
    return `${key}=${text === undefined ? '-' : /^[\w./:@#,<>=*+-]+$/.test(text) ? text : JSON.stringify(text)}`
  })
  return printable([message, ...parts].join(' '))
}

function errorText(value: unknown): string {
  const error = value as { type?: string; message?: string }
  return `${error.type ?? 'Error'}: ${error.message ?? ''}`
}
