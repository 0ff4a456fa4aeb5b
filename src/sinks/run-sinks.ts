import type { Sink, SinksCommand, SinksEvent } from './protocol.ts'

/** Messages are written in one go this often: latency for syncs. */
const TICK_MS = 250
const STATUS_EVERY_MS = 1000
/** At the end, what was committed last is written within this; the rest at the next start. */
const LAST_MS = 1000
const LAST_TICK_MS = 20

export interface RunSinksOptions {
  readonly port: { postMessage(event: SinksEvent): void; on(event: 'message', listener: (command: SinksCommand) => void): unknown }
  readonly sinks: readonly Sink[]
  readonly elapsedMs: () => number
  /** Calls `work` soon, after messages that wait were let in (`setImmediate`). */
  readonly defer: (work: () => void) => void
  /** Calls `work` again and again; returns the end (`setInterval`). */
  readonly every: (ms: number, work: () => void) => () => void
}

/** The thread of the sinks: each takes a slice in turn, so none waits for another's backlog. */
export function runSinks({ port, sinks, elapsedMs, defer, every }: RunSinksOptions): void {
  let isScheduled = false
  let isStopped = false

  const stepAll = (): boolean => sinks.map((sink) => sink.step()).some(Boolean)
  const tellStatus = (): void => port.postMessage({ kind: 'status', sinks: sinks.map((sink) => sink.status()) })

  function work(): void {
    isScheduled = false
    if (isStopped || !stepAll()) return
    schedule()
  }

  function schedule(): void {
    if (isScheduled || isStopped) return
    isScheduled = true
    defer(work)
  }

  /** What is committed and under way has a moment to come to an end. */
  function stop(): void {
    isStopped = true
    for (const end of timers) end()
    const startMs = elapsedMs()
    const isInTime = (): boolean => elapsedMs() - startMs < LAST_MS
    let endLast: (() => void) | undefined
    function last(): void {
      while (stepAll() && isInTime());
      for (const sink of sinks) sink.finish?.()
      if (isInTime() && sinks.some(({ isBusy }) => isBusy === true)) return void (endLast ??= every(LAST_TICK_MS, last))
      endLast?.()
      tellStatus()
      for (const sink of sinks) sink.close()
      port.postMessage({ kind: 'stopped' })
    }
    last()
  }

  for (const sink of sinks) sink.follow?.(schedule)
  const timers = [every(TICK_MS, schedule), every(STATUS_EVERY_MS, tellStatus)]
  port.on('message', (command) => {
    if (command.kind === 'stop') return stop()
    for (const sink of sinks) sink.reopen()
    schedule()
  })
}
