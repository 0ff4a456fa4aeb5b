import { openBatch, type Batch } from '#domain/batch.ts'
import { formatTextFault } from '#domain/fault.ts'
import type { Renderer } from '#render/index.ts'
import type { WorkerCounters } from '#telemetry/index.ts'
import { createRulesEngine, type RulesEngine } from './engine.ts'
import { foldRepeats } from './fold-repeats.ts'
import type { RulesCounter } from './counters.ts'
import { BATCHES_AHEAD, type RuleHit, type RulesCommand, type RulesCredit, type RulesEvent, type RulesFeed } from './protocol.ts'
import { loadRules } from './rules/load.ts'
import { readRuleFiles } from './rules/read-files.ts'

/** Posts that main has not acknowledged; with this many the rules wait, and what comes is left for the store. */
export const MAX_OUTSTANDING = 8
/** Rows that are looked at before hits are posted and messages from other threads are let in. */
const SLICE_ROWS = 1024
/** A cursor that moved without hits is told this often. */
const CURSOR_EVERY_MS = 200

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
  readonly directories: readonly string[]
  readonly counters: WorkerCounters<RulesCounter>
  /** Everything up to here has had its effects. */
  readonly startCursor: number
  readonly renderer: Renderer
  readonly isHub?: ((sourceId: number) => boolean) | undefined
  /** Calls `work` soon, after messages that wait were let in (`setImmediate`). */
  readonly defer: (work: () => void) => void
  /** Calls `work` again and again; returns the end (`setInterval`). */
  readonly every: (ms: number, work: () => void) => () => void
  /** Calls `changed` when a file of the folders changed; returns the end. */
  readonly watch: (directories: readonly string[], changed: () => void) => () => void
}

/**
 * The rules thread: takes committed batches in order, keeps the cursor without gaps (what it was not sent it reads from the
 * store), posts hits with the cursor, and goes on from there after a restart. Before a first set is loaded the cursor stands still.
 */
export function runRules(options: RulesOptions): void {
  const { port, feed, reader, counters, defer } = options
  const tell = (event: RulesEvent): void => port.postMessage(event, [])
  let engine: RulesEngine | undefined
  let cursor = options.startCursor
  let posted = cursor
  let outstanding = 0
  /** Highest seq known to be on disk. */
  let committed = cursor
  let watermarkMs = 0
  let isScheduled = false
  let isStopped = false
  /** Everything that was there at the start is read first. */
  let isStart = true
  const waiting: { batch: Batch; row: number }[] = [] // bound: BATCHES_AHEAD

  function load(): void {
    const files = readRuleFiles(options.directories)
    const loaded = files.ok ? loadRules(files.value, { renderer: options.renderer }) : files
    if (!loaded.ok) {
      counters.add('refusals')
      tell({ kind: 'refused', faults: loaded.faults.map(formatTextFault) })
      return
    }
    const { rules, tests, warnings } = loaded.value
    engine = createRulesEngine({ rules, counters, isHub: options.isHub })
    counters.add('loads')
    const list = rules.map(({ id, version, file, policy: { severity, title, status } }) => ({ id, version, file, severity, title, status }))
    tell({ kind: 'loaded', rules: rules.length, tests, list, warnings })
    schedule()
  }

  function post(hits: readonly RuleHit[]): void {
    outstanding++
    counters.set('posts', outstanding)
    posted = cursor
    tell({ kind: 'hits', cursor, watermarkMs, hits: foldRepeats(hits) })
  }

  function schedule(): void {
    if (isScheduled || isStopped || engine === undefined) return
    isScheduled = true
    defer(() => {
      isScheduled = false
      if (!isStopped && engine !== undefined && outstanding < MAX_OUTSTANDING && step(engine)) schedule()
    })
  }

  /** One slice of work; false when there is none. */
  function step(rules: RulesEngine): boolean {
    const next = waiting[0]
    if (!isStart && next !== undefined && next.batch.firstSeq + next.row <= cursor + 1) return stepBatch(rules, next)
    if (isStart || next !== undefined || cursor < committed) return stepStore(rules)
    return false
  }

  function giveBack({ firstSeq, rows }: Batch): void {
    feed.postMessage({ kind: 'taken', lastSeq: firstSeq + rows - 1 }, [])
  }

  function stepBatch(rules: RulesEngine, next: { batch: Batch; row: number }): boolean {
    const { batch } = next
    const from = Math.max(next.row, cursor + 1 - batch.firstSeq)
    const to = Math.min(batch.rows, from + SLICE_ROWS)
    if (from < to) {
      const hits = rules.evaluate(batch, { from, to })
      watermarkMs = Math.max(watermarkMs, batch.receivedMs[to - 1]!)
      advance(batch.firstSeq + to - 1, hits)
    }
    next.row = to
    if (to >= batch.rows) {
      waiting.shift()
      counters.set('waitingBatches', waiting.length)
      giveBack(batch)
    }
    return true
  }

  /** Reads what is between the cursor and the next batch, or the end of the store. Numbers that were never given leave gaps. */
  function stepStore(rules: RulesEngine): boolean {
    const before = waiting[0]?.batch.firstSeq ?? Infinity
    const batch = readStore()
    if (batch === 'failed') return false
    if (batch === undefined || batch.firstSeq >= before) {
      isStart = false
      advance(before === Infinity ? committed : before - 1, [])
      return true
    }
    const from = Math.max(0, cursor + 1 - batch.firstSeq)
    const to = Math.min(batch.rows, from + SLICE_ROWS, before - batch.firstSeq)
    const hits = rules.evaluate(batch, { from, to })
    counters.add('caughtUp', to - from)
    watermarkMs = Math.max(watermarkMs, batch.receivedMs[to - 1]!)
    advance(batch.firstSeq + to - 1, hits)
    return true
  }

  /** A store that cannot be read now is asked again at the next tick; the cursor waits. */
  function readStore(): Batch | undefined | 'failed' {
    try {
      return reader.batchAfter(cursor)
    } catch (error) {
      tell({ kind: 'log', level: 'error', fields: { reason: error instanceof Error ? error.message : String(error), cursor }, message: 'Rules cannot read the store; trying again' })
      return 'failed'
    }
  }

  function advance(to: number, hits: readonly RuleHit[]): void {
    cursor = Math.max(cursor, to)
    counters.set('cursor', cursor)
    counters.set('behind', Math.max(0, committed - cursor))
    if (hits.length > 0) post(hits)
  }

  function take(message: RulesFeed): void {
    if (message.kind === 'committed') committed = Math.max(committed, message.lastSeq)
    else {
      const batch = openBatch(message.header)
      committed = Math.max(committed, batch.firstSeq + batch.rows - 1)
      if (waiting.length < BATCHES_AHEAD) {
        waiting.push({ batch, row: 0 })
        counters.set('waitingBatches', waiting.length)
        counters.add('takenBatches')
      } else {
        counters.add('skippedBatches')
        giveBack(batch)
      }
    }
    counters.set('behind', Math.max(0, committed - cursor))
    schedule()
  }

  function obey(command: RulesCommand): void {
    if (command.kind === 'applied') {
      outstanding = Math.max(0, outstanding - 1)
      counters.set('posts', outstanding)
      schedule()
    } else if (command.kind === 'reload') load()
    else stop()
  }

  function stop(): void {
    isStopped = true
    unwatch()
    stopTicking()
    tell({ kind: 'stopped' })
  }

  port.on('message', obey)
  feed.on('message', take)
  const unwatch = options.watch(options.directories, load)
  const stopTicking = options.every(CURSOR_EVERY_MS, () => {
    if (cursor > posted && outstanding < MAX_OUTSTANDING) post([])
    schedule()
  })
  load()
}
