import { backoffMs } from '#base/backoff.ts'
import type { Parameters } from './client.ts'
import type { CommandContext } from './context.ts'
import { CliFault, EXIT, type ExitCode } from './exit.ts'
import { readEvents, type ServerEvent } from './sse.ts'

const RETRY = { baseMs: 500, maxMs: 15_000 } as const

export interface Following {
  /** Of the stream, below `/api/v1`. */
  readonly path: string
  readonly parameters: Parameters
  /** Number of the last event seen; undefined: begin now. */
  readonly last: number | undefined
  /** What the numbers count, for people: `message`. */
  readonly what: string
  /** @returns the number of the last event seen now */
  show(event: ServerEvent, last: number | undefined): Promise<number | undefined>
}

/** Follows a stream of events until Ctrl-C. A lost connection is taken up again after the last event seen. */
export async function follow({ io, hub }: CommandContext, { path, parameters, last: first, what, show }: Following): Promise<ExitCode> {
  let last = first
  let failures = 0
  let wasConnected = false
  while (!io.signal.aborted) {
    try {
      const headers: Record<string, string> = last === undefined ? {} : { 'last-event-id': String(last) }
      const stream = await (await hub()).stream(path, { parameters, headers })
      if (failures > 0) io.talk(last === undefined ? 'connected again' : `connected again, after ${what} ${last}`)
      failures = 0
      wasConnected = true
      for await (const event of readEvents(stream)) last = await show(event, last)
    } catch (error) {
      if (io.signal.aborted) break
      // a hub that was never there, or refuses, will not come right by waiting
      if (error instanceof CliFault && (!wasConnected || error.exitCode !== EXIT.failed)) throw error
      io.talk(`the connection broke: ${error instanceof Error ? error.message : String(error)}`)
    }
    if (io.signal.aborted) break
    failures++
    const waitMs = backoffMs(failures, io.random(), RETRY)
    io.talk(`trying again in ${(waitMs / 1000).toFixed(1)} s`)
    await io.sleep(waitMs)
  }
  return EXIT.ok
}
