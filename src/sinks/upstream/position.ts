import { faultOf, reasonOf } from '../file/fault-of.ts'
import type { SinkFiles } from '../file/files.ts'
import { readSmall, replaceSmall } from '../file/replace.ts'
import type { Tally } from '../tally.ts'
import type { Place } from './flow.ts'
import type { ForwardLog } from './forward-log.ts'

/** What a forwarder remembers: its stream of messages, and how far of it need not be sent again. */
export interface Position extends Place { readonly stream: string }

/** Saved at once when this many messages have arrived since: with those on the way that are fewer than a hub can mark as having come before. */
const QUICK_MESSAGES = 128
const QUICK_MS = 250
const SYNCED_MS = 1000

const VERSION = 1
const STREAM = /^[0-9a-f]{8}$/

/** Two files: `path`, synced each second, survives a power cut; `path.last`, not synced, says after a kill almost to the message where it was. */
export interface PositionFile {
  /** undefined: there is none that can be read. */
  read(): Position | undefined
  /** Saves when it is time. @returns whether it was @throws when it cannot be written */
  save(position: Position, when: 'due' | 'now'): boolean
}

export function openPosition({ files, path, elapsedMs }: { readonly files: SinkFiles; readonly path: string; readonly elapsedMs: () => number }): PositionFile {
  const quickPath = `${path}.last`
  let saved: Place = { seq: -1, count: -1 }
  let synced: Place = saved
  let savedMs = -Infinity
  let syncedMs = -Infinity

  const load = (from: string): Position | undefined => {
    const { version, stream, seq, count } = (readSmall(files, from) ?? {}) as Partial<Position> & { readonly version?: number }
    return version === VERSION && typeof stream === 'string' && STREAM.test(stream) && Number.isSafeInteger(seq) && Number.isSafeInteger(count) ? { stream, seq: seq!, count: count! } : undefined
  }

  return {
    read() {
      const last = load(quickPath)
      const safe = load(path)
      return last !== undefined && (safe === undefined || (last.stream === safe.stream && last.seq > safe.seq)) ? last : safe
    },
    save({ stream, seq, count }, when) {
      const nowMs = elapsedMs()
      const value = { version: VERSION, stream, seq, count }
      const isSyncDue = seq !== synced.seq && (when === 'now' || nowMs - syncedMs >= SYNCED_MS)
      const isDue = seq !== saved.seq && (Math.abs(count - saved.count) >= QUICK_MESSAGES || nowMs - savedMs >= QUICK_MS)
      if (!isSyncDue && !isDue) return false
      savedMs = nowMs
      if (isSyncDue) syncedMs = nowMs
      replaceSmall(files, isSyncDue ? path : quickPath, { value, how: isSyncDue ? 'synced' : 'quick' })
      saved = { seq, count }
      if (isSyncDue) synced = saved
      return true
    },
  }
}

export interface KeepOptions { readonly positions: PositionFile; readonly log: ForwardLog; readonly noted: Tally['noted'] }

/** Saves positions, and goes on where that fails (a full disk): it is told once, and costs nothing but that more is sent again after a kill. */
export function keepPosition({ positions, log, noted }: KeepOptions): (position: Position, when: 'due' | 'now') => void {
  let isBad = false
  return (position, when) => {
    const { seq } = position
    try {
      if (!positions.save(position, when)) return
      if (isBad) log('info', 'The position of a forwarder is saved again', { seq })
      isBad = false
    } catch (error) {
      const reason = reasonOf(error)
      if (!isBad) log('warn', 'The position of a forwarder cannot be saved; it goes on, and sends again what it sent since when it is killed before it can', { reason, seq })
      if (!isBad) noted(faultOf(error), `the position cannot be saved: ${reason}`)
      isBad = true
    }
  }
}
