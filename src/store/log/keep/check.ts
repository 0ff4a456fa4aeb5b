import { existsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import type { Batch } from '#domain/batch.ts'
import { chunkName, lastSeqOf, loadChunk, type Chunk } from '../read/chunk.ts'
import { createRunDecoder, type RunDecoder } from '../read/load-run.ts'
import { openSnapshots } from '../read/snapshot.ts'
import { listDayFiles } from '../seal/day-files.ts'
import { segmentPath } from '../segments/files.ts'
import { STORED_COLUMNS } from '../segments/format.ts'
import { readWatermark, type WatermarkShared } from '../segments/watermark.ts'
import { openLosses, readLosses } from './losses.ts'

export interface CheckOptions {
  readonly directory: string
  readonly databasePath: string
  /** Of a running hub; without it nobody may write to the folder. */
  readonly watermark?: WatermarkShared | undefined
  readonly onProgress?: (progress: { readonly doneRows: number; readonly totalRows: number }) => void
  readonly isCancelled?: () => boolean
}
export interface CheckReport {
  readonly rows: number
  readonly chunks: number
  readonly files: number
  readonly firstSeq: number
  readonly lastSeq: number
  /** What is wrong, a sentence each; the first `MAX_PROBLEMS`. */
  readonly problems: readonly string[]
  readonly problemCount: number
  readonly isCancelled: boolean
}

const MAX_PROBLEMS = 200

/**
 * Proves the store: SQLite's own check of every database, every run decoded, every record against its checksum, no
 * message served twice, no cursor ahead of the log. Reads everything once; changes nothing.
 */
export function checkStore({ directory, databasePath, watermark, onProgress = () => {}, isCancelled = () => false }: CheckOptions): CheckReport {
  const problems: string[] = []
  let problemCount = 0
  const report = (problem: string): void => {
    if (problemCount++ < MAX_PROBLEMS) problems.push(problem)
  }
  // before the log is looked at: a cursor that moves on meanwhile is not ahead of anything
  const cursors = [...checkHub(databasePath, report), ...checkRules(join(dirname(databasePath), 'rules.db'), report)]
  const snapshots = openSnapshots(directory, watermark)
  try {
    const chunks = snapshots.take()
    const totalRows = chunks.reduce((sum, chunk) => sum + chunk.rows, 0)
    const lastSeq = chunks.reduce((most, chunk) => Math.max(most, lastSeqOf(chunk)), 0)
    for (const what of snapshots.damaged()) report(what)
    for (const loss of openLosses(readLosses(directory))) report(`${loss.name}: ${loss.reason}; set aside, not accepted`)
    checkOrder(chunks, report)
    if (watermark !== undefined) checkWatermark({ directory, watermark, lastSeq }, report)
    const files = listDayFiles(directory)
    for (const { name } of files) checkDatabase(join(directory, name), name, report)
    const decoder = createRunDecoder()
    let doneRows = 0
    for (const chunk of chunks) {
      if (isCancelled()) break
      checkChunk(chunk, decoder, report)
      doneRows += chunk.rows
      onProgress({ doneRows, totalRows })
    }
    const known = Math.max(lastSeq, watermark === undefined ? 0 : readWatermark(watermark).lastSeq)
    for (const { file, name, seq } of cursors) if (seq > known && known > 0) report(`${file}: the cursor ${name} stands at ${seq}, the log ends at ${known}`)
    return { rows: doneRows, chunks: chunks.length, files: files.length, firstSeq: chunks[0]?.firstSeq ?? 0, lastSeq, problems, problemCount, isCancelled: doneRows < totalRows }
  } finally {
    snapshots.close()
  }
}

type Report = (problem: string) => void

/** Served once: chunks in order of seq neither overlap nor run backwards. */
function checkOrder(chunks: readonly Chunk[], report: Report): void {
  for (const [place, chunk] of chunks.entries()) {
    const before = chunks[place - 1]
    if (before !== undefined && lastSeqOf(before) >= chunk.firstSeq) report(`messages are stored twice: ${chunkName(before)}, and ${chunkName(chunk)}`)
  }
}

function checkWatermark({ directory, watermark, lastSeq }: { readonly directory: string; readonly watermark: WatermarkShared; readonly lastSeq: number }, report: Report): void {
  const mark = readWatermark(watermark)
  if (lastSeq > mark.lastSeq) report(`the log holds seq ${lastSeq}, its writer has synced up to ${mark.lastSeq}`)
  const size = statSync(segmentPath(directory, mark.segment), { throwIfNoEntry: false })?.size
  // gone: it was closed and sealed since the watermark was read
  if (size !== undefined && size < mark.endBytes) report(`segment ${mark.segment} has ${size} bytes, its writer has synced ${mark.endBytes}`)
}

/** Every column and every frame is asked for: each part of a block is unpacked and checked when it is first needed. */
function checkChunk(chunk: Chunk, decoder: RunDecoder, report: Report): void {
  try {
    const batch = loadChunk(chunk, decoder)
    if (batch.rows !== chunk.rows || batch.firstSeq !== chunk.firstSeq) throw new Error(`it holds ${batch.rows} rows from seq ${batch.firstSeq}`)
    checkFrames(batch)
    const outside = batch.receivedMs.subarray(0, batch.rows).findIndex((ms) => ms < chunk.minMs || ms > chunk.maxMs)
    if (outside >= 0) throw new Error(`seq ${chunk.firstSeq + outside} was received outside the time range of its directory`)
  } catch (error) {
    report(`${chunkName(chunk)}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function checkFrames(batch: Batch): void {
  for (const { name } of STORED_COLUMNS) if (batch[name].length < batch.rows) throw new Error(`column ${name} is too short`)
  const { bytes, frameStart, frameLen } = batch
  for (let row = 0; row < batch.rows; row++) if (frameStart[row]! + frameLen[row]! > bytes.length) throw new Error(`the frame of seq ${batch.firstSeq + row} is cut off`)
}

function checkDatabase(path: string, name: string, report: Report): void {
  if (!existsSync(path)) return // removed by retention meanwhile
  let db: Database.Database | undefined
  try {
    db = new Database(path, { readonly: true })
    for (const { integrity_check: said } of db.pragma(`integrity_check(${MAX_PROBLEMS})`) as { readonly integrity_check: string }[]) if (said !== 'ok') report(`${name}: ${said}`)
  } catch (error) {
    report(`${name}: ${error instanceof Error ? error.message : String(error)}`)
  } finally {
    db?.close()
  }
}

/** A position in the log. */
interface LogCursor { readonly file: string; readonly name: string; readonly seq: number }

function checkHub(path: string, report: Report): readonly LogCursor[] {
  checkDatabase(path, 'hub.db', report)
  const db = new Database(path, { readonly: true })
  try {
    for (const fault of db.pragma('foreign_key_check') as readonly unknown[]) report(`hub.db: a row points to nothing: ${JSON.stringify(fault)}`)
    // the others count findings and hub events
    return db.prepare(`SELECT 'hub.db' AS file, name, seq FROM cursors WHERE name = 'rules'`).all() as LogCursor[]
  } catch (error) {
    report(`hub.db: ${error instanceof Error ? error.message : String(error)}`)
    return []
  } finally {
    db.close()
  }
}

/** The memory of the rules; a hub that never loaded any has none. */
function checkRules(path: string, report: Report): readonly LogCursor[] {
  if (!existsSync(path)) return []
  checkDatabase(path, 'rules.db', report)
  let db: Database.Database | undefined
  try {
    db = new Database(path, { readonly: true })
    return db.prepare(`SELECT 'rules.db' AS file, 'rules' AS name, cursor AS seq FROM position`).all() as LogCursor[]
  } catch {
    return [] // one that cannot be read was reported; one that is just made has no tables
  } finally {
    db?.close()
  }
}
