import type { StoredMessage } from '#domain/message.ts'
import { BLOCK_ROWS } from '../seal/runs/run.ts'
import { decodeRow } from './decode-row.ts'
import type { Candidates, RunQuestion } from './run-candidates.ts'
import { findCandidates } from './run-candidates.ts'
import type { RunChunk } from './run-files.ts'

/** Frames that are looked at at a time, at least; twice as many each time that they were too few. */
const FIRST_WINDOW = 256

export interface RunSearch {
  readonly question: RunQuestion
  readonly candidates: Candidates
  readonly order: 'newest' | 'oldest'
  /** Messages wanted. */
  readonly room: number
  /** Asked between blocks; `true` ends the work. */
  mustStop(rows: number): boolean
}
export interface RunFound {
  /** In the order asked for. */
  readonly messages: readonly StoredMessage[]
  /** The last seq that was looked at when the run was not searched to its end. */
  readonly stoppedAt: number | undefined
  readonly isStopped: boolean
}

/** The next answers of a run. Candidates are decided in windows, the first in the order asked for first. */
export function searchRun(chunk: RunChunk, search: RunSearch): RunFound {
  const { question, candidates, order, room } = search
  if (!findCandidates(chunk, question, { candidates, look: (rows) => search.mustStop(rows) })) return { messages: [], stoppedAt: undefined, isStopped: true }
  const ranked = rank(question, candidates, order)
  const messages: StoredMessage[] = []
  let stoppedAt: number | undefined
  let window = Math.max(FIRST_WINDOW, room)
  for (let at = 0; at < ranked.length; at += window, window = Math.min(window * 2, 8192)) {
    const chosen = ranked.subarray(at, at + window)
    const found = decideWindow(chunk, search, chosen)
    found.sort(order === 'newest' ? (a, b) => b.seq - a.seq : (a, b) => a.seq - b.seq)
    for (const message of found) {
      if (messages.length === room) break
      messages.push(message)
    }
    if (messages.length === room) return { messages, stoppedAt: messages.at(-1)?.seq, isStopped: true }
    stoppedAt = question.decoder.head.seqOf(question.decoder.head.order[candidates.places[chosen.at(-1)!]!]!)
    if (at + window < ranked.length && search.mustStop(0)) return { messages, stoppedAt, isStopped: true }
  }
  return { messages, stoppedAt: undefined, isStopped: false }
}

/** Candidates by number, in the order asked for. */
function rank({ decoder }: RunQuestion, { places, count }: Candidates, order: 'newest' | 'oldest'): Uint16Array {
  const rowOrder = decoder.head.order
  // row in the upper half, number in the lower: numbers sort as their rows do
  const keys = new Uint32Array(count)
  for (let i = 0; i < count; i++) keys[i] = rowOrder[places[i]!]! * 65_536 + i
  keys.sort()
  const ranked = Uint16Array.from(keys, (key) => key & 0xffff)
  return order === 'newest' ? ranked.reverse() : ranked
}

/** The answers among the chosen candidates; each block that holds some is loaded once. */
function decideWindow(chunk: RunChunk, { question, candidates }: RunSearch, chosen: Uint16Array): StoredMessage[] {
  const { plan, decoder } = question
  const byPlace = chosen.slice().sort() // candidates are numbered by place
  const messages: StoredMessage[] = []
  const places = new Uint16Array(Math.min(BLOCK_ROWS, byPlace.length))
  let from = 0
  let next = 0
  for (const [block, rows] of chunk.blockRows.entries()) {
    const first = next
    let count = 0
    while (next < byPlace.length && candidates.places[byPlace[next]!]! < from + rows) places[count++] = candidates.places[byPlace[next++]!]! - from
    if (count > 0) {
      decoder.loadBlock(chunk, block, from)
      decoder.block.fillFacts(places, count)
      decoder.block.fillFrames(places, count)
      const { batch } = decoder.block
      for (let i = 0; i < count; i++) {
        const isAnswer = candidates.isDecided[byPlace[first + i]!] === 1 || plan.frame === undefined || plan.frame(batch, places[i]!)
        if (isAnswer) messages.push(decodeRow(batch, places[i]!))
      }
    }
    from += rows
  }
  return messages
}
