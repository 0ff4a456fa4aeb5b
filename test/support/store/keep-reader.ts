import { writeSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import type { StoredMessage } from '#domain/message.ts'
import { openLogReader } from '#store/index.ts'
import { isExpired, timeIn } from './keep-message.ts'
import { ACKED, KEEP_PHASES, PHASE, type KeepShared } from './keep-shared.ts'

/**
 * The searching thread of keep-child.ts: asks for the even half, over and over, and compares it with what was synced before
 * the search began. Exactly those must be found, once, in order, with their text; what retention may remove may be missing.
 */
const shared = workerData as KeepShared
const { directory, watermark, retentionMs, times, newestMs, state } = shared
const reader = openLogReader({ directory, watermark, clock: Date.now })
const say = (line: string): void => void writeSync(1, `${line}\n`)

for (let turn = 0; ; turn++) {
  const phase = KEEP_PHASES[Atomics.load(state, PHASE)]!
  const acked = Atomics.load(state, ACKED)
  const order = turn % 2 === 0 ? 'oldest' : 'newest'
  const { messages, complete, reason } = reader.search({ kind: 'text', text: 'even' }, { limit: 10_000_000, order, deadlineAtMs: Infinity })
  if (!complete) say(`fault search during ${phase}: not complete (${String(reason)})`)
  const fault = faultIn(order === 'oldest' ? messages : messages.toReversed(), acked)
  if (fault !== undefined) say(`fault search during ${phase}: ${fault}`)
  // a search that a phase began or ended in
  for (const met of new Set([phase, KEEP_PHASES[Atomics.load(state, PHASE)]!])) say(`searched ${met}`)
  if (turn === 0) parentPort!.postMessage('searching')
}

/** @param messages ascending by seq */
function faultIn(messages: readonly StoredMessage[], acked: number): string | undefined {
  const found = new Set<number>()
  let last = 0
  for (const { seq, text, receivedMs } of messages) {
    if (seq <= last) return `seq ${seq} follows ${last}`
    if (seq % 2 !== 0 || timeIn(seq, text) !== receivedMs) return `seq ${seq} of ${receivedMs} says ${text}`
    found.add(seq)
    last = seq
  }
  for (let seq = 2; seq <= acked; seq += 2) {
    const receivedAtMs = times[seq]!
    if (receivedAtMs === 0 || found.has(seq)) continue
    if (!isExpired(receivedAtMs, { newestMs: newestMs[0]!, retentionMs })) return `seq ${seq} of ${receivedAtMs} is missing`
    // what is gone stays gone, and is not looked for again
    times[seq] = 0
  }
  return undefined
}
