import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { openLogReader, openLogStore } from '#store/index.ts'
import { isExpired, timeIn } from './keep-message.ts'
import type { KeepPhase } from './keep-shared.ts'

const CHILD = fileURLToPath(new URL('keep-child.ts', import.meta.url))

export interface KillOrder {
  readonly directory: string
  readonly startMs: number
  readonly retentionMs: number
  /** The kill comes `delayMs` (with its fraction) after the `nth` beginning of this phase. */
  readonly phase: KeepPhase
  readonly nth: number
  readonly delayMs: number
}

export interface KillReport {
  /** What was synced: seq to time of receipt. */
  readonly acked: ReadonlyMap<number, number>
  readonly lastMs: number
  readonly faults: readonly string[]
  /** Searches that met each phase. */
  readonly searches: Readonly<Partial<Record<KeepPhase, number>>>
  /** How long the phase took when it was not cut short. */
  readonly phaseMs: number | undefined
}

/** Runs the child and kills it (SIGKILL) inside a phase. */
export async function killDuring({ directory, startMs, retentionMs, phase, nth, delayMs }: KillOrder): Promise<KillReport> {
  const child = spawn(process.execPath, [CHILD, directory, String(startMs), String(retentionMs)], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const acked = new Map<number, number>()
  const faults: string[] = []
  const searches: Partial<Record<KeepPhase, number>> = {}
  let [lastMs, seen, beganMs] = [startMs, 0, 0]
  let phaseMs: number | undefined
  for await (const line of createInterface({ input: child.stdout })) {
    const [word, ...rest] = line.split(' ')
    if (word === 'acked') {
      const [first, last, atMs] = rest.map(Number)
      for (let seq = first!; seq <= last!; seq++) acked.set(seq, atMs!)
      lastMs = Math.max(lastMs, atMs!)
    } else if (word === 'fault') faults.push(rest.join(' '))
    else if (word === 'searched') searches[rest[0] as KeepPhase] = (searches[rest[0] as KeepPhase] ?? 0) + 1
    else if (line === `done ${phase}`) phaseMs ??= performance.now() - beganMs
    else if (line === `phase ${phase}`) {
      beganMs = performance.now()
      if (++seen === nth) killAfter(delayMs, () => child.kill('SIGKILL'))
    }
  }
  await ended
  if (child.signalCode !== 'SIGKILL') throw new Error(`the child ended by itself: ${String(child.exitCode)}`)
  return { acked, lastMs, faults, searches, phaseMs }
}

/** A timer is as fine as a millisecond; the rest is waited for on the spot. */
function killAfter(delayMs: number, kill: () => void): void {
  const dueMs = performance.now() + delayMs
  while (performance.now() < dueMs) continue
  kill()
}

/** Everything that a store is known to hold, over all kills. */
export interface Ledger {
  /** By seq: when it was received. */
  readonly known: Map<number, number>
  /** Removed by retention: must not come back. */
  readonly gone: Set<number>
}
export const createLedger = (): Ledger => ({ known: new Map(), gone: new Set() })

/**
 * Compares the store as it lies there with the ledger, and brings the ledger up to date: every known message must be served
 * exactly once with the same text, unless retention may have removed it; messages that were never synced and are there all
 * the same belong to the store from now on.
 */
export function settle({ known, gone }: Ledger, { directory, retentionMs }: { readonly directory: string; readonly retentionMs: number }): string[] {
  const reader = openLogReader({ directory, clock: Date.now })
  const messages = reader.readAfter(0, 10_000_000)
  const faults = reader.stats().damaged.map((what) => `damaged: ${what}`)
  reader.close()
  const present = new Set<number>()
  let last = 0
  for (const { seq, text, receivedMs } of messages) {
    if (seq <= last) faults.push(`seq ${seq} follows ${last}`)
    if (gone.has(seq)) faults.push(`seq ${seq} was removed and came back`)
    if (timeIn(seq, text) !== receivedMs || (known.get(seq) ?? receivedMs) !== receivedMs) faults.push(`seq ${seq} of ${known.get(seq) ?? '?'} says, at ${receivedMs}: ${text}`)
    known.set(seq, receivedMs)
    present.add(seq)
    last = seq
  }
  const newestMs = Math.max(0, ...known.values())
  for (const [seq, receivedMs] of known) {
    if (present.has(seq) || gone.has(seq)) continue
    if (isExpired(receivedMs, { newestMs, retentionMs })) gone.add(seq)
    else faults.push(`seq ${seq} of ${new Date(receivedMs).toISOString()} is missing`)
  }
  return faults
}

/** Recovers and seals what a kill left; says what could not be read. */
export function recover({ directory, retentionMs, nowMs }: { readonly directory: string; readonly retentionMs: number; readonly nowMs: number }): string[] {
  const store = openLogStore({ directory, segmentBytes: 20_000, sealAfterMs: 1, retentionMs, clock: () => nowMs })
  const { damaged } = store.maintain({ nowMs })
  store.close()
  return damaged.map((what) => `damaged: ${what}`)
}
