/**
 * CPU time and bytes per message of sealing: the reference corpus, parsed and written to segments as the log writer does
 * it, then turned into blocks. `node bench/seal.ts [messages] [--hostile] [--keep]`; hostile: random words, host names and
 * delimiters, NUL bytes, frames of 64 KiB, JSON of many keys. A fixed loop before and after tells how fast the machine is.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { createBatch, type Batch } from '#domain/batch.ts'
import { createInterner } from '../src/ingest/interner.ts'
import { createParser, type FrameRow } from '../src/ingest/parse/parser.ts'
import { openLogAppender } from '../src/store/log/segments/appender.ts'
import { createLogKeeper } from '../src/store/log/keeper.ts'
import { corpusMessages } from './load/corpus.ts'
import { hostileMessages } from './load/hostile.ts'

const messages = Number(process.argv.slice(2).find((word) => /^\d+$/.test(word)) ?? 1_000_000)
const SEGMENT_BYTES = 64 * 1024 * 1024
const directory = mkdtempSync(join(tmpdir(), 'hps-seal-'))
const startMs = Date.UTC(2026, 10, 22)

const isHostile = process.argv.includes('--hostile')

/** Nanoseconds a byte of a loop that does the same everywhere: what other figures are held against. */
function machineNs(): number {
  const bytes = Uint8Array.from({ length: 1 << 20 }, (_, i) => i * 7)
  let hash = 0
  const { user } = process.cpuUsage()
  for (let round = 0; round < 32; round++) for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193)
  return ((process.cpuUsage().user - user) * 1000) / (32 * bytes.length) + (hash === 1 ? 1 : 0)
}

/** Nodes by the last three digits of the host, one session each. */
function identify(batch: Batch): void {
  for (let row = 0; row < batch.rows; row++) {
    const end = batch.frameStart[row]! + batch.hostOff[row]! + batch.hostLen[row]!
    const node = isHostile ? 1 + (row % 200) : 1 + (batch.bytes[end - 3]! - 48) * 100 + (batch.bytes[end - 2]! - 48) * 10 + batch.bytes[end - 1]! - 48
    batch.source[row] = 1
    batch.node[row] = node
    batch.session[row] = 1000 + node
    batch.method[row] = 6
    batch.confidence[row] = 70
  }
}

function writeSegments(): number {
  const parser = createParser(createInterner({ capacity: 65_536, maxKeyBytes: 253, arenaBytes: 4 * 1024 * 1024 }))
  const appender = openLogAppender({ directory, segmentBytes: SEGMENT_BYTES, sealAfterMs: 1e9, clock: () => startMs })
  const frame: FrameRow = { row: 0, start: 0, length: 0, receivedMs: 0, faults: 0, form: 'syslog' }
  let batch = createBatch()
  let bytes = 0
  const flush = (): void => {
    identify(batch)
    appender.append(batch)
    appender.sync()
    batch = createBatch()
  }
  let count = 0
  for (const message of isHostile ? hostileMessages(startMs) : corpusMessages(startMs)) {
    const line = Buffer.from(message, 'latin1')
    if (batch.rows === batch.capacityRows || batch.byteCount + line.length + 1 > batch.bytes.length) flush()
    batch.bytes.set(line, batch.byteCount)
    batch.bytes[batch.byteCount + line.length] = 10
    // a million messages in four seconds
    const receivedMs = startMs + 3_600_000 + Math.floor(count / 250)
    Object.assign(frame, { row: batch.rows, start: batch.byteCount, length: line.length, receivedMs })
    batch.receivedMs[batch.rows] = receivedMs
    parser.parse(batch, frame)
    batch.frameStart[batch.rows] = batch.byteCount
    batch.frameLen[batch.rows] = line.length
    batch.rows++
    batch.byteCount += line.length + 1
    bytes += line.length + 1
    if (++count === messages) break
  }
  flush()
  appender.rotate()
  const { watermark } = appender
  const keeper = createLogKeeper({ directory, watermark, retentionMs: 1e15, clock: () => startMs + 7_200_000 })
  const machine = [machineNs()]
  const before = process.cpuUsage()
  const wallMs = performance.now()
  const report = keeper.maintain({ nowMs: startMs + 7_200_000 })
  const used = process.cpuUsage(before)
  machine.push(machineNs())
  const cpuNs = (used.user + used.system) * 1000
  console.log(`${(cpuNs / bytes).toFixed(2)} ns CPU/byte, ${((cpuNs / messages) * (2 / (machine[0]! + machine[1]!))).toFixed(0)} machine loops/message (a loop is ${machine.map((ns) => ns.toFixed(2)).join(' and ')} ns), ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB at most`)
  console.log(`sealed ${report.sealedRows} messages of ${(bytes / messages).toFixed(1)} bytes: ${((used.user + used.system) / messages).toFixed(3)} µs CPU/message, ${((performance.now() - wallMs) * 1000 / messages).toFixed(3)} µs wall`, report.damaged)
  appender.close()
  return bytes
}

function printSizes(): void {
  const db = new Database(join(directory, '2026-11-22.001.db'), { readonly: true })
  const pages = db.pragma('page_count', { simple: true }) as number
  const pageBytes = db.pragma('page_size', { simple: true }) as number
  const parts = db.prepare('SELECT min(id % 66, 2) AS part, sum(length(bytes)) AS bytes FROM payloads GROUP BY 1').all() as { part: number; bytes: number }[]
  const lists = db.prepare('SELECT sum(length(origins)) AS origins, sum(length(shapes)) AS shapes, count(*) AS runs FROM runs').get() as Record<string, number>
  const names = ['heads', 'token index', 'blocks']
  for (const { part, bytes } of parts) console.log(`${names[part]!.padEnd(12)} ${(bytes / messages).toFixed(2)} bytes/message`)
  console.log(`lists        ${((lists['origins']! + lists['shapes']!) / messages).toFixed(2)} bytes/message, ${lists['runs']} runs`)
  console.log(`dictionaries ${String(db.prepare('SELECT count(*) FROM shapes').pluck().get())} shapes, ${String(db.prepare('SELECT count(*) FROM origins').pluck().get())} origins`)
  console.log(`file         ${((pages * pageBytes) / messages).toFixed(2)} bytes/message (${pageBytes} bytes a page)`)
  db.close()
}

try {
  writeSegments()
  printSizes()
} finally {
  if (process.argv.includes('--keep')) console.log(directory)
  else rmSync(directory, { recursive: true })
}
