import { BLOCK_ROWS } from '../seal/runs/run.ts'
import type { PartReader } from './count-keys.ts'
import type { DictionaryParts } from './dictionary-parts.ts'
import { findAnswers, type Candidates } from './run-candidates.ts'
import type { RunChunk } from './run-files.ts'
import type { AnswerKind, RunQuestion } from './run-question.ts'
import type { Tally } from './tally.ts'

/** What of a row a key is told by. */
export type KeySource = 'none' | 'origin' | 'shape' | 'priority' | 'time' | 'frame'

/** Groups are told apart by one number. */
export const groupOf = (first: number, second: number): number => first * 2 ** 26 + second

export interface RunCount { readonly scanned: number; readonly isStopped: boolean }
export interface BlockCounterOptions {
  readonly sources: readonly [KeySource, KeySource]
  readonly readers: readonly PartReader[]
  readonly parts: DictionaryParts
  readonly tally: Tally
  readonly candidates: Candidates
  /** Groups that have an example, and the newest run that holds one; undefined: none is wanted. */
  readonly examples: Map<number, RunChunk> | undefined
}
export type BlockCounter = (chunk: RunChunk, question: RunQuestion, options: { readonly kind: AnswerKind; mustStop(rows: number): boolean }) => RunCount

/** Counts the answers of a run one by one, with no more of each row than its keys need. */
export function createBlockCounter({ sources, readers, parts, tally, candidates, examples }: BlockCounterOptions): BlockCounter {
  const places = new Uint16Array(BLOCK_ROWS)
  const has = (source: KeySource): boolean => sources.includes(source)

  /** What the keys read, of the answers from number `done` on. */
  const fill = (chunk: RunChunk, { decoder }: RunQuestion, { from, done }: { readonly from: number; readonly done: number }): void => {
    const { block, head } = decoder
    const count = candidates.count - done
    for (let i = 0; i < count; i++) places[i] = candidates.places[done + i]! - from
    if (has('time') || has('frame')) decoder.loadHead(chunk)
    if (has('frame')) block.fillFrames(places, count)
    if (has('priority')) block.fillPriorities()
    if (has('shape')) block.fillPlain()
    if (has('time')) {
      const { order, receivedMs } = head
      for (let i = 0; i < count; i++) block.batch.receivedMs[places[i]!] = receivedMs[order[from + places[i]!]!]!
    }
  }

  return (chunk, question, { kind, mustStop }) => {
    const { decoder } = question
    const { block, head } = decoder
    const origins = has('origin') ? decoder.originsOf(chunk) : undefined
    let scanned = 0
    let done = 0
    /** The origin that the last place belongs to, and the place behind its rows. */
    let origin = -1
    let originEnd = 0

    const partOf = (index: 0 | 1, place: number): number => {
      const source = sources[index]
      if (source === 'none') return 0
      if (source === 'origin') return parts.ofOrigin(chunk.file, index, origins!.numbers[origin]!)
      const shape = source === 'shape' ? block.shapes[block.shapeAt[place]!] : undefined
      return shape === undefined ? readers[index]!(block.batch, place) : parts.ofShape(chunk.file, index, shape.id)
    }

    /** The seq of the newest of these answers, 0 where a newer run has one. */
    const exampleOf = (group: number, from: number, to: number): number => {
      if (examples === undefined || (examples.get(group) ?? chunk) !== chunk) return 0
      examples.set(group, chunk)
      decoder.loadHead(chunk)
      let newestRow = 0
      for (let i = from; i < to; i++) newestRow = Math.max(newestRow, head.order[candidates.places[i]!]!)
      return head.seqOf(newestRow)
    }
    const add = (first: number, second: number, { count, end }: { readonly count: number; readonly end: number }): void =>
      tally.add(first, second, count, exampleOf(groupOf(first, second), end - count, end))

    const countBlock = (from: number): void => {
      fill(chunk, question, { from, done })
      // rows of one group that follow each other are added at once
      let [groupFirst, groupSecond, count] = [0, 0, 0]
      for (; done < candidates.count; done++) {
        const place = candidates.places[done]!
        if (origins !== undefined) while (place >= originEnd) originEnd += origins.counts[++origin]!
        const [first, second] = [partOf(0, place - from), partOf(1, place - from)]
        if (count > 0 && (first !== groupFirst || second !== groupSecond)) {
          add(groupFirst, groupSecond, { count, end: done })
          count = 0
        }
        groupFirst = first
        groupSecond = second
        count++
      }
      add(groupFirst, groupSecond, { count, end: done })
    }

    const isEnd = findAnswers(chunk, question, {
      candidates,
      kind,
      look({ from, rows }) {
        scanned += rows
        if (candidates.count > done) countBlock(from)
        return mustStop(scanned)
      },
    })
    return { scanned, isStopped: !isEnd }
  }
}
