import { mkdirSync } from 'node:fs'
import { openLogStore } from '#store/index.ts'
import { batchOf, NOON_MS } from './batches.ts'
import { chanceOf, parsedBatches } from './run-rows.ts'

/**
 * Made the recorded stores of test/fixtures/store (`node test/support/store/make-fixture.ts FOLDER`), once for each version of
 * the format: what later programs write is another store, so a recorded one is never made again. In it are a file with
 * gaps in its seqs (pinned messages of a removed day), a rewritten file, one as sealed, and a segment.
 */
const DAY_MS = 86_400_000
const PINNED = new Set([10, 21])

const [directory] = process.argv.slice(2)
if (directory === undefined) throw new Error('FOLDER is missing')
mkdirSync(directory, { recursive: true })
const chance = chanceOf(2)
const open = () => openLogStore({ directory, segmentBytes: 1e9, sealAfterMs: 1, retentionMs: 3 * DAY_MS, clock: () => NOON_MS, pinned: () => PINNED })
let store = open()

function append(day: number, rows: number): void {
  for (const batch of parsedBatches(chance, rows)) {
    for (let row = 0; row < batch.rows; row++) batch.receivedMs[row]! += day * DAY_MS
    store.writer.append(batch)
  }
}

/** Messages that no shape fits: bytes of every value, every kind of field and number. */
function appendOdd(day: number, rows: number): void {
  const noise = (): Uint8Array => Uint8Array.from({ length: chance.below(200) }, () => chance.below(256))
  const specs = Array.from({ length: rows }, (_, i) => ({
    receivedMs: NOON_MS + day * DAY_MS + i / 8, sentMs: chance.pick([Number.NaN, NOON_MS + 0.123, NOON_MS - i * 1000, 1e300]), text: noise(), host: chance.pick(['', 'tch-001']),
    app: 'odd', procid: String(chance.below(1 << 20)), msgid: 'ID', sd: '[a b="c"]', label: 'a1b2c3', pri: chance.below(192), node: chance.below(3), session: chance.below(3),
    source: 1 + chance.below(2), template: chance.below(2 ** 31), templateHi: chance.below(2 ** 31), faults: chance.below(8), format: chance.below(4), method: chance.below(3), confidence: chance.below(101),
  }))
  store.writer.append(batchOf(specs))
}

append(-5, 300)
store.maintain({ nowMs: NOON_MS - 5 * DAY_MS })
append(-1, 700)
appendOdd(-1, 60)
store.maintain({ nowMs: NOON_MS - DAY_MS })
store.close()
store = open() // retention would take the jump of days for a wrong clock
append(0, 300)
store.maintain({ nowMs: NOON_MS })
store.compact({ nowMs: NOON_MS })
append(0, 400)
appendOdd(0, 20)
store.maintain({ nowMs: NOON_MS })
append(0, 40)
store.writer.sync()
store.close()
