import { mkdirSync } from 'node:fs'
import { isDiskFault } from '../disk-fault.ts'
import type { MaintenanceReport } from '../port.ts'
import { uncounted, type LogSealerCounters } from './counters.ts'
import { createAgeRetention } from './keep/by-age.ts'
import { createSpaceRetention } from './keep/by-space.ts'
import { createCompactor, type CompactionStep } from './keep/compactor.ts'
import { copyPinned } from './keep/copy-pinned.ts'
import { readDisk, type DiskReading, type SpaceSettings } from './keep/disk.ts'
import { acceptLoss, openLosses, readLosses, writeLosses } from './keep/losses.ts'
import { setAsideDamaged } from './keep/set-aside.ts'
import type { SpaceDecision } from './keep/space.ts'
import type { KeeperReport, KeeperState, Removal, RemovalReason } from './keep/state.ts'
import { dayFileBytes, removeDayFile } from './seal/day-files.ts'
import { createSealer } from './seal/sealer.ts'
import { listSegments, segmentDirectory, syncDirectory } from './segments/files.ts'
import { readWatermark, type WatermarkShared } from './segments/watermark.ts'

export interface LogKeeperOptions {
  readonly directory: string
  /** The appender's: what is below it is closed and may be sealed. */
  readonly watermark: WatermarkShared
  readonly retentionMs: number
  /** No limits unless told. */
  readonly space?: SpaceSettings
  readonly clock: () => number
  /** Milliseconds by a clock that nobody sets. */
  readonly elapsedMs?: () => number
  readonly readDisk?: (directory: string, settings: SpaceSettings) => DiskReading | undefined
  /** Sessions whose messages no limit removes; asked in each round that removes something. When it throws, nothing is removed. */
  readonly pinned?: () => ReadonlySet<number>
  readonly counters?: LogSealerCounters
  /** zstd level; 1 unless told. */
  readonly level?: number
  readonly fileBytes?: number
}

/** Seals and removes, on a thread of its own. Only one in the process. */
export interface LogKeeper {
  /** Sets damaged files aside, makes room, seals every closed segment, then removes what has passed its age. Never throws for a single segment or file: it is told in `damaged` and `state.troubles`. `signal` is looked at between segments. */
  maintain(options: { readonly nowMs: number; readonly signal?: AbortSignal }): KeeperReport
  /** Rewrites sealed files for about `budgetMs`, unless segments wait to be sealed. Throws when it cannot; nothing has changed then. */
  compact(budgetMs: number): CompactionStep
  /** Takes note that what a file held is lost for good. @returns false when no open loss has this name */
  acceptLoss(loss: { readonly name: string; readonly by: string }): boolean
}

const NO_LIMITS: SpaceSettings = { maxSize: 'none', minFree: '0B' }

export function createLogKeeper(options: LogKeeperOptions): LogKeeper {
  const { directory, watermark, clock, counters = uncounted } = options
  mkdirSync(segmentDirectory(directory), { recursive: true })
  const sealer = createSealer(options)
  const elapsedMs = options.elapsedMs ?? (() => performance.now())
  /** Files that held nothing but rows of these sessions when they were last looked at; entries of files that are gone are as few as the removals. */
  const wholly = new Map<string, ReadonlySet<number>>()
  const isKept = (name: string): boolean => {
    const known = wholly.get(name)
    return known !== undefined && isSubset(known, options.pinned?.() ?? new Set())
  }
  const compactor = createCompactor({ directory, watermark, counters, elapsedMs })
  const byAge = createAgeRetention({ directory, retentionMs: options.retentionMs, elapsedMs })
  const bySpace = createSpaceRetention({ directory, space: options.space ?? NO_LIMITS, elapsedMs, readDisk: options.readDisk ?? readDisk, isKept })

  const waitingSegments = (): number[] => listSegments(directory).filter((number) => number < readWatermark(watermark).segment)

  const inspect = (round: Round): void => {
    const { setAside, unreadable } = setAsideDamaged(directory, clock())
    for (const { name, reason } of setAside) round.damaged.push(`${name}: ${reason}; it is set aside`)
    for (const { name, reason } of unreadable) round.troubles.push(`${name}: ${reason}`)
  }

  const sealClosed = (round: Round, signal: AbortSignal | undefined): void => {
    const waiting = waitingSegments()
    for (const [place, number] of waiting.entries()) {
      counters.set('waitingSegments', waiting.length - place)
      if (signal?.aborted === true) return
      try {
        const result = sealer.seal(number)
        round.sealedSegments++
        round.sealedRows += result.rows
        if (result.damagedSpans > 0) inspect(round)
      } catch (error) {
        const sentence = `segment ${number} could not be sealed: ${messageOf(error)}`
        if (isDiskFault(error)) round.troubles.push(sentence)
        else round.damaged.push(sentence)
      }
    }
  }

  /** Keeps what is pinned in a file of its own. @returns false when the file must stay */
  const makeRemovable = (round: Round, name: string, sessions: ReadonlySet<number>): boolean => {
    const known = wholly.get(name)
    if (known !== undefined && isSubset(known, sessions)) return false
    try {
      const outcome = copyPinned({ directory, watermark, name, sessions })
      if (outcome === 'all') wholly.set(name, sessions)
      if (outcome === 'copied') counters.add('pinnedFiles')
      return outcome !== 'all'
    } catch (error) {
      round.troubles.push(`${name}: what is pinned in it could not be copied, so it stays: ${messageOf(error)}`)
      return false
    }
  }

  const remove = (round: Round, names: readonly string[], reason: RemovalReason): void => {
    if (names.length === 0) return
    const sessions = options.pinned?.() ?? new Set<number>()
    for (const name of names) {
      const bytes = dayFileBytes(directory, name)
      if (!makeRemovable(round, name, sessions)) continue
      removeDayFile(directory, name)
      counters.add(`removedFiles:${reason}`)
      counters.add('removedBytes', bytes)
      round.removals.push({ name, bytes, reason })
    }
    syncDirectory(directory)
  }

  /** One part of a round; what the disk refuses is tried again in the next. */
  const attempt = (round: Round, what: string, work: () => void): void => {
    try {
      work()
    } catch (error) {
      round.troubles.push(`${what}: ${messageOf(error)}`)
    }
  }

  return {
    maintain({ nowMs, signal }) {
      const round: Round = { sealedSegments: 0, sealedRows: 0, damaged: [], troubles: [], removals: [] }
      let space: SpaceDecision = { remove: [] }
      let ageHeld: string | undefined
      attempt(round, 'looking for damaged files', () => inspect(round))
      attempt(round, 'removing what is replaced', () => compactor.sweep())
      attempt(round, 'making room', () => {
        space = bySpace.decide()
        if (space.reason !== undefined) remove(round, space.remove, space.reason)
      })
      attempt(round, 'sealing', () => sealClosed(round, signal))
      if (signal?.aborted !== true) attempt(round, 'retention', () => {
        const decision = byAge(nowMs)
        ageHeld = decision.held === 'empty' ? undefined : decision.held
        remove(round, decision.remove, 'age')
      })
      const state = stateOf({ round, space, ageHeld, disk: bySpace.reading(), waitingSegments: waitingSegments().length, nowMs, directory })
      tell(counters, state)
      return { ...reportOf(round, ageHeld), removals: round.removals, state }
    },
    compact: (budgetMs) => (waitingSegments().length > 0 ? { isMore: true, isPostponed: true } : compactor.work(budgetMs)),
    acceptLoss({ name, by }) {
      const losses = acceptLoss(readLosses(directory), name, { atMs: clock(), by })
      if (losses === undefined) return false
      writeLosses(directory, losses)
      counters.set('losses', openLosses(losses).length)
      return true
    },
  }
}

interface Round { sealedSegments: number; sealedRows: number; readonly damaged: string[]; readonly troubles: string[]; readonly removals: Removal[] }

const reportOf = ({ sealedSegments, sealedRows, damaged, removals }: Round, ageHeld: string | undefined): MaintenanceReport => ({
  sealedSegments, sealedRows, damaged, removedFiles: removals.map(({ name }) => name), ...(ageHeld === undefined ? {} : { reason: ageHeld }),
})

function stateOf({ round, space, ageHeld, disk, waitingSegments, nowMs, directory }: { readonly round: Round; readonly space: SpaceDecision; readonly ageHeld: string | undefined; readonly disk: DiskReading | undefined; readonly waitingSegments: number; readonly nowMs: number; readonly directory: string }): KeeperState {
  const { remove: _, ...why } = space
  return {
    atMs: nowMs, waitingSegments, ageHeld, space: why, troubles: round.troubles, losses: readLosses(directory),
    disk: disk === undefined ? undefined : { usedBytes: disk.usedBytes, segmentBytes: disk.segmentBytes, fileBytes: disk.fileBytes, freeBytes: disk.freeBytes, diskBytes: disk.diskBytes, ...disk.limits },
  }
}

function tell(counters: LogSealerCounters, { waitingSegments, disk, ageHeld, space, losses, troubles }: KeeperState): void {
  counters.set('waitingSegments', waitingSegments)
  counters.set('retentionHeld', ageHeld === undefined ? 0 : 1)
  counters.set('spaceShort', space.reason === undefined ? 0 : 1)
  counters.set('losses', openLosses(losses).length)
  counters.set('troubles', troubles.length)
  if (disk === undefined) return
  counters.set('usedBytes', disk.usedBytes)
  counters.set('freeBytes', disk.freeBytes)
  counters.set('maxBytes', Number.isFinite(disk.maxBytes) ? disk.maxBytes : 0)
  counters.set('minFreeBytes', disk.minFreeBytes)
}

/** Every session of the first set is still pinned. */
const isSubset = (sessions: ReadonlySet<number>, of: ReadonlySet<number>): boolean => [...sessions].every((session) => of.has(session))

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
