import { closeSync } from 'node:fs'
import { join } from 'node:path'
import type { Batch } from '#domain/batch.ts'
import type { FileSinkConfig as SinkConfig } from '#sinks/config.ts'
import { createFileSink, createTextForm, diskFiles, type RowMatch, type SinksEvent } from '#sinks/threads.ts'
import type { Sink } from '../../src/sinks/protocol.ts'
import type { SinkFiles } from '../../src/sinks/file/files.ts'
import { batchOf, NOON_MS, type RowSpec } from './store/batches.ts'

/** A store in memory, a clock that is set, and a file sink on a real folder: what a test says nothing about is plain. */
export interface Bench {
  readonly folder: string
  readonly path: string
  readonly events: SinksEvent[]
  readonly sink: Sink
  nowMs: number
  commit(rows: readonly RowSpec[]): void
  /** Forgets what is stored up to a seq, as retention does. */
  forget(uptoSeq: number): void
  /** Steps until there is no more. */
  drain(): void
  /** As after a crash: a new sink over the same files. Descriptors are closed, nothing else is done. */
  restart(changes?: { readonly files?: SinkFiles; readonly config?: Partial<SinkConfig> }): void
}

export interface BenchOptions {
  readonly folder: string
  readonly config?: Partial<SinkConfig>
  readonly rotate?: Partial<SinkConfig['rotate']>
  readonly files?: SinkFiles
  readonly matches?: RowMatch
}

const NODES: Readonly<Record<number, string>> = { 1: 'tch-001', 2: 'two words' }

export function aBench({ folder, config = {}, rotate = {}, files = diskFiles, matches = () => true }: BenchOptions): Bench {
  const base: SinkConfig = { kind: 'file', name: 'all', path: join(folder, 'all.log'), format: 'text', start: 'oldest', mode: '0640', window: 256, rotate: { size: 'none', age: 'none', keep: 3, compress: 'none', ...rotate }, ...config }
  const batches: Batch[] = []
  const events: SinksEvent[] = []
  const state = { nowMs: NOON_MS, lastSeq: 0, opened: new Set<number>() }
  const tracked = (real: SinkFiles): SinkFiles => ({
    ...real,
    open(path, how, mode) {
      const fd = real.open(path, how, mode)
      state.opened.add(fd)
      return fd
    },
    close(fd) {
      state.opened.delete(fd)
      real.close(fd)
    },
  })
  const make = (made: SinkConfig, real: SinkFiles): Sink =>
    createFileSink({
      config: made, positionPath: join(folder, 'all.json'), files: tracked(real),
      reader: { batchAfter: (after) => batches.find(({ firstSeq, rows }) => firstSeq + rows - 1 > after), settle() {}, close() {} },
      form: createTextForm({ node: (id) => NODES[id], session: (id) => (id === 7 ? 'a1b2c3' : undefined) }),
      matcher: () => matches, committedSeq: () => state.lastSeq, clock: () => state.nowMs, elapsedMs: () => state.nowMs, random: () => 0.5, tell: (event) => void events.push(event),
    })
  let current = make(base, files)
  return {
    folder,
    path: base.path,
    events,
    get sink() {
      return current
    },
    get nowMs() {
      return state.nowMs
    },
    set nowMs(value) {
      state.nowMs = value
    },
    commit(rows) {
      const batch = batchOf(rows)
      batch.firstSeq = state.lastSeq + 1
      state.lastSeq += rows.length
      batches.push(batch)
    },
    forget(uptoSeq) {
      while (batches[0] !== undefined && batches[0].firstSeq + batches[0].rows - 1 <= uptoSeq) batches.shift()
    },
    drain() {
      for (let steps = 0; current.step(); steps++) if (steps > 100_000) throw new Error('the sink does not come to an end')
    },
    restart({ files: next = files, config: changed = {} } = {}) {
      for (const fd of state.opened) closeSync(fd)
      state.opened.clear()
      current = make({ ...base, ...changed }, next)
    },
  }
}

/** The seqs of lines, in their order. */
export const seqsOf = (text: string): number[] => [...text.matchAll(/^\S+ \S+ \S+ #(\d+) .*$/gm)].map((found) => Number(found[1]))
