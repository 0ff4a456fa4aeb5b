import type { Batch } from '#domain/batch.ts'
import type { Renderer } from '#render/index.ts'
import type { HubDatabase } from '#store/index.ts'
import type { WorkerCounters } from '#telemetry/index.ts'
import type { CorrelatorBounds } from '../correlate/bounds.ts'
import type { RulesCounter } from '../counters.ts'
import type { Routes } from '../routes/routes.ts'
import type { Applied } from './belongs.ts'
import type { LeftOut, RulesCommand, RulesCredit, RulesEvent, RulesFeed } from '../protocol.ts'

/** One end of a message channel, as `worker_threads` has it. */
interface Port<In, Out> {
  postMessage(message: Out, transfer: ArrayBuffer[]): void
  on(event: 'message', listener: (message: In) => void): unknown
}

export interface RulesOptions {
  /** To main. */
  readonly port: Port<RulesCommand, RulesEvent>
  /** To the log writer. */
  readonly feed: Port<RulesFeed, RulesCredit>
  /** The stored run of messages that holds the first one after a seq: the log store's reader. */
  readonly reader: { batchAfter(afterSeq: number): Batch | undefined }
  /** A connection to hub.db on which this thread only reads. */
  readonly hub: HubDatabase
  /** `rules.db`, which is this thread's own. */
  readonly statePath: string
  readonly directories: readonly string[]
  readonly counters: WorkerCounters<RulesCounter>
  /** What main has given its effects. */
  readonly applied: Applied
  /** The last message that was on the disk when these rules began; undefined: not known yet. */
  readonly logEnd?: () => number | undefined
  readonly renderer: Renderer
  /** The routes as they are on the disk; undefined: they have faults. */
  readonly routes?: (() => Routes | undefined) | undefined
  readonly isHub?: ((sourceId: number) => boolean) | undefined
  readonly bounds?: CorrelatorBounds | undefined
  /** Rules of the first set that are not looked at for a while. */
  readonly leftOut?: readonly LeftOut[] | undefined
  /** A random number: see Correlator. */
  readonly seed: number
  readonly clock: () => number
  /** Time that only goes forward, and processor time of this thread. */
  readonly elapsedMs: () => number
  readonly cpuMs: () => number
  /** Calls `work` soon, after messages that wait were let in (`setImmediate`). */
  readonly defer: (work: () => void) => void
  /** Calls `work` once, later (`setTimeout`). */
  readonly after: (ms: number, work: () => void) => void
  /** Calls `work` again and again; returns the end (`setInterval`). */
  readonly every: (ms: number, work: () => void) => () => void
  /** Calls `changed` when a file of the folders changed; returns the end. */
  readonly watch: (directories: readonly string[], changed: () => void) => () => void
}
