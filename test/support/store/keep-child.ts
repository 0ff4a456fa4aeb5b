import { once } from 'node:events'
import { writeSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { openLogStore } from '#store/index.ts'
import { batchOf } from './batches.ts'
import { textOf } from './keep-message.ts'
import { ACKED, createShared, KEEP_PHASES, PHASE, type KeepPhase } from './keep-shared.ts'

/**
 * A program to be killed: appends, syncs, seals, retains and compacts a log store in turn, under a clock that is given to it,
 * while a thread of its own searches. Says on standard output what it is about to do and what is synced:
 * `acked <first seq> <last seq> <received ms>`, `phase <name>`, `done <name>`, `searched <phase>`, `fault <what>`.
 *
 *     node keep-child.ts <directory> <start ms> <retention ms>
 */
const [directory, startMs, retentionMs] = process.argv.slice(2)
const STEP_MS = 2 * 3_600_000
const WRONG_BY_MS = 400 * 86_400_000
const BATCHES_PER_ROUND = 4
let nowMs = Number(startMs)
const store = openLogStore({ directory: directory!, segmentBytes: 20_000, sealAfterMs: 1, retentionMs: Number(retentionMs), clock: () => nowMs })
const shared = createShared({ directory: directory!, watermark: store.writer.watermark, retentionMs: Number(retentionMs) })
const say = (line: string): void => void writeSync(1, `${line}\n`)

for (const { seq, receivedMs } of store.reader.readAfter(0, 10_000_000)) know(seq, receivedMs)
Atomics.store(shared.state, ACKED, store.writer.nextSeq - 1)
const reader = new Worker(new URL('./keep-reader.ts', import.meta.url), { workerData: shared })
reader.on('error', (error: Error) => say(`fault the reader ended: ${error.message}`))
// every phase is searched in, the first one too
await once(reader, 'message')

for (let round = 0; ; round++) {
  during('append', () => {
    for (let i = 0; i < BATCHES_PER_ROUND; i++) appendSynced(1 + ((round * 13 + i * 7) % 60))
  })
  if (round % 2 === 1) during('guard', () => maintain(nowMs - WRONG_BY_MS))
  during('retain', () => maintain(nowMs))
  if ('compact' in store && round % 2 === 0) during('compact', () => void (store.compact as (options: { readonly nowMs: number }) => unknown)({ nowMs }))
  // a breath for the reader's thread and for messages of its death
  await new Promise((resolve) => setTimeout(resolve, 2))
}

/** Two batches a sync: the kill may come between them. */
function appendSynced(rows: number): void {
  nowMs += STEP_MS
  const first = store.writer.nextSeq
  for (const count of [rows, 1 + (rows % 3)]) {
    const from = store.writer.nextSeq
    store.writer.append(batchOf(Array.from({ length: count }, (_, i) => ({ text: textOf(from + i, nowMs), session: (from + i) % 5, node: (from + i) % 3, receivedMs: nowMs }))))
  }
  store.writer.sync()
  const last = store.writer.nextSeq - 1
  for (let seq = first; seq <= last; seq++) know(seq, nowMs)
  Atomics.store(shared.state, ACKED, last)
  say(`acked ${first} ${last} ${nowMs}`)
}

function know(seq: number, receivedMs: number): void {
  shared.times[seq] = receivedMs
  shared.newestMs[0] = Math.max(shared.newestMs[0]!, receivedMs)
}

function maintain(atMs: number): void {
  const { damaged } = store.maintain({ nowMs: atMs })
  for (const what of damaged) say(`fault damaged: ${what}`)
}

function during(phase: KeepPhase, work: () => void): void {
  Atomics.store(shared.state, PHASE, KEEP_PHASES.indexOf(phase))
  say(`phase ${phase}`)
  work()
  say(`done ${phase}`)
}
