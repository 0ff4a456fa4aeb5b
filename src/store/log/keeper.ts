import { mkdirSync, statSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { MaintenanceReport } from '../port.ts'
import { uncounted, type LogSealerCounters } from './counters.ts'
import { decideRetention, type DayFileAge } from './retention.ts'
import { openDayFile } from './seal/day-file.ts'
import { dayFileBytes, dayFilePaths, listDayFiles } from './seal/day-files.ts'
import { createSealer } from './seal/sealer.ts'
import { listSegments, segmentDirectory, syncDirectory } from './segments/files.ts'
import { readWatermark, type WatermarkShared } from './segments/watermark.ts'

export interface LogKeeperOptions {
  readonly directory: string
  /** The appender's: what is below it is closed and may be sealed. */
  readonly watermark: WatermarkShared
  readonly retentionMs: number
  readonly clock: () => number
  readonly counters?: LogSealerCounters
  /** zstd level; 1 unless told. */
  readonly level?: number
  readonly fileBytes?: number
}

/** Seals and removes, on a thread of its own. Only one in the process. */
export interface LogKeeper {
  /** Seals every closed segment, then removes what retention says. Never throws for a single segment or file: it is told in `damaged`. `signal` is looked at between segments. */
  maintain(options: { readonly nowMs: number; readonly signal?: AbortSignal }): MaintenanceReport
}

export function createLogKeeper(options: LogKeeperOptions): LogKeeper {
  const { directory, watermark, retentionMs, counters = uncounted } = options
  mkdirSync(segmentDirectory(directory), { recursive: true })
  const sealer = createSealer(options)
  let believed: { readonly newestMs: number; readonly atMs: number } | undefined

  const sealClosed = (damaged: string[], signal: AbortSignal | undefined): { readonly segments: number; readonly rows: number } => {
    const { segment: active } = readWatermark(watermark)
    const waiting = listSegments(directory).filter((number) => number < active)
    let segments = 0
    let rows = 0
    for (const [place, number] of waiting.entries()) {
      counters.set('waitingSegments', waiting.length - place)
      if (signal?.aborted === true) return { segments, rows }
      try {
        const result = sealer.seal(number)
        segments++
        rows += result.rows
        if (result.damagedSpans > 0) damaged.push(`segment ${number}: ${result.damagedSpans} places could not be read, the file is set aside`)
      } catch (error) {
        damaged.push(`segment ${number} could not be sealed: ${messageOf(error)}`)
      }
    }
    counters.set('waitingSegments', waiting.length - segments)
    return { segments, rows }
  }

  const retain = (nowMs: number, damaged: string[]): Pick<MaintenanceReport, 'removedFiles' | 'reason'> => {
    const files = readAges(directory, damaged)
    const newestMs = files.reduce<number | undefined>((newest, file) => (file.newestMs === undefined || (newest ?? -Infinity) > file.newestMs ? newest : file.newestMs), undefined)
    const previous = believed === undefined ? undefined : { newestMs: believed.newestMs, agoMs: performance.now() - believed.atMs }
    const decision = decideRetention({ files, retentionMs, newestMs, previous, nowMs })
    if (decision.held === undefined && newestMs !== undefined) believed = { newestMs, atMs: performance.now() }
    counters.set('retentionHeld', decision.held === undefined || decision.held === 'empty' ? 0 : 1)
    for (const name of decision.remove) {
      counters.add('removedFiles')
      counters.add('removedBytes', dayFileBytes(directory, name))
      removeDayFile(directory, name)
    }
    if (decision.remove.length > 0) syncDirectory(directory)
    return { removedFiles: decision.remove, ...(decision.held === undefined || decision.held === 'empty' ? {} : { reason: decision.held }) }
  }

  return {
    maintain({ nowMs, signal }) {
      const damaged: string[] = []
      const sealed = sealClosed(damaged, signal)
      const retained = signal?.aborted === true ? { removedFiles: [] } : retain(nowMs, damaged)
      return { sealedSegments: sealed.segments, sealedRows: sealed.rows, ...retained, damaged }
    },
  }
}

function readAges(directory: string, damaged: string[]): DayFileAge[] {
  return listDayFiles(directory).map(({ name, day }) => {
    try {
      const file = openDayFile(join(directory, name), 'read')
      try {
        return { name, day, newestMs: file.newestMs() }
      } finally {
        file.close()
      }
    } catch (error) {
      damaged.push(`${name}: ${messageOf(error)}`)
      return { name, day, newestMs: undefined }
    }
  })
}

function removeDayFile(directory: string, name: string): void {
  for (const path of dayFilePaths(directory, name)) if (statSync(path, { throwIfNoEntry: false }) !== undefined) unlinkSync(path)
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
