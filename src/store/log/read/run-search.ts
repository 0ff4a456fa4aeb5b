import type { StoredMessage } from '#domain/message.ts'
import { BLOCK_ROWS, RUN_ROWS } from '../seal/runs/run.ts'
import { decodeRow } from './decode-row.ts'
import { findAnswers, findByHead, isDecidedByHead, type Candidates } from './run-candidates.ts'
import type { RunChunk } from './run-files.ts'
import type { RunQuestion } from './run-question.ts'

/** More answers are put in order by walking over all rows of the run. */
const SORTED_ANSWERS = 1024

export interface RunSearch {
  readonly question: RunQuestion
  readonly candidates: Candidates
  readonly order: 'newest' | 'oldest'
  /** Messages wanted, at least one. */
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

/** The next answers of a run. All are found (rows lie by who sent them, so a part of the blocks is no page), those that are wanted become messages. */
export function searchRun(chunk: RunChunk, search: RunSearch): RunFound {
  const { question, candidates, room } = search
  if (isDecidedByHead(chunk, question)) {
    findByHead(chunk, question, candidates)
    if (search.mustStop(candidates.count)) return { messages: [], stoppedAt: undefined, isStopped: true }
  } else if (!findAnswers(chunk, question, { candidates, kind: 'all', look: ({ rows }) => search.mustStop(rows) })) return { messages: [], stoppedAt: undefined, isStopped: true }
  if (candidates.count === 0) return { messages: [], stoppedAt: undefined, isStopped: false }
  const chosen = choose(chunk, search)
  const messages = new Array<StoredMessage>(chosen.length)
  decodePlaces(chunk, question, { chosen, messages })
  const { head } = question.decoder
  const found = { messages: messages.filter((message) => message !== undefined) } // a damaged block leaves holes
  return chosen.length === room ? { ...found, stoppedAt: head.seqOf(head.order[chosen.at(-1)!]!), isStopped: true } : { ...found, stoppedAt: undefined, isStopped: false }
}

/** Places of the first `room` answers in the order asked for. */
function choose(chunk: RunChunk, { question: { decoder }, candidates, order, room }: RunSearch): Uint16Array {
  decoder.loadHead(chunk)
  const rowAt = decoder.head.order
  const { places, count } = candidates
  if (count <= SORTED_ANSWERS) {
    // row in the upper half, place in the lower: they sort as their rows do
    const byRow = Uint32Array.from({ length: count }, (_, i) => rowAt[places[i]!]! * 65_536 + places[i]!).sort()
    if (order === 'newest') byRow.reverse()
    return Uint16Array.from(byRow.subarray(0, room), (key) => key & 0xffff)
  }
  /** By row: place + 1 of an answer. */
  const answerAt = new Uint16Array(RUN_ROWS)
  for (let i = 0; i < count; i++) answerAt[rowAt[places[i]!]!] = places[i]! + 1
  const chosen = new Uint16Array(Math.min(room, count))
  const step = order === 'newest' ? -1 : 1
  for (let row = order === 'newest' ? chunk.rows - 1 : 0, found = 0; found < chosen.length; row += step) if (answerAt[row]! > 0) chosen[found++] = answerAt[row]! - 1
  return chosen
}

/** Fills `messages`, one for each chosen place; each block that holds some is loaded once. */
function decodePlaces(chunk: RunChunk, { decoder, onDamage }: RunQuestion, { chosen, messages }: { readonly chosen: Uint16Array; readonly messages: StoredMessage[] }): void {
  // place in the upper half, number in the lower: they sort as their places do
  const byPlace = Uint32Array.from(chosen, (place, number) => place * 65_536 + number).sort()
  const places = new Uint16Array(Math.min(BLOCK_ROWS, chosen.length))
  let from = 0
  let next = 0
  for (const [block, rows] of chunk.blockRows.entries()) {
    const first = next
    let count = 0
    while (next < byPlace.length && byPlace[next]! >>> 16 < from + rows) places[count++] = (byPlace[next++]! >>> 16) - from
    try {
      if (count > 0) {
        decoder.loadBlock(chunk, block, from)
        decoder.block.fillFacts(places, count)
        decoder.block.fillFrames(places, count)
      }
      for (let i = 0; i < count; i++) messages[byPlace[first + i]! & 0xffff] = decodeRow(decoder.block.batch, places[i]!)
    } catch (error) {
      onDamage(block, error)
    }
    from += rows
  }
}
