import { writeSync } from 'node:fs'
import { openLogStore } from '#store/index.ts'
import { batchOf } from './batches.ts'

/**
 * A program to be killed: appends batches whose texts say their seq (`m17`), syncs, and writes `acked <last seq>` to standard
 * output after each sync. `seal` also seals after every few syncs. Ends by itself after `batches`.
 *
 *     node log-child.ts <directory> append|seal <batches>
 */
const [directory, mode, batches] = process.argv.slice(2)
const store = openLogStore({ directory, segmentBytes: 20_000, sealAfterMs: 1, retentionMs: 1e12, clock: Date.now })
const DAY_MS = 86_400_000

for (let round = 0; round < Number(batches); round++) {
  const rows = 1 + (round * 7) % 40
  const first = store.writer.nextSeq
  // every third batch was received on the next day, so that sealing commits to two files
  const receivedMs = Date.UTC(2026, 10, 22, 12) + (round % 3 === 0 ? DAY_MS : 0)
  store.writer.append(batchOf(Array.from({ length: rows }, (_, i) => ({ text: `m${first + i}`, session: i % 5, receivedMs }))))
  if (round % 2 === 0) continue
  store.writer.sync()
  writeSync(1, `acked ${store.writer.nextSeq - 1}\n`)
  if (mode === 'seal' && round % 8 === 7) store.maintain({ nowMs: receivedMs })
}
store.close()
