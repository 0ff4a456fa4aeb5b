import type { Batch } from '#domain/batch.ts'
import type { CountKey } from '../../port.ts'
import { BLOCK_ROWS } from '../seal/runs/run.ts'
import { decodeTallies } from '../seal/runs/tallies.ts'
import { partReader, type PartReader } from './count-keys.ts'
import { createDictionaryRow, fillOriginRow, fillShapeRow } from './dictionary-rows.ts'
import { findCandidates, mayRunHold, type Candidates, type RunQuestion } from './run-candidates.ts'
import type { Plan } from './plan.ts'
import type { OpenRunFile, RunChunk } from './run-files.ts'
import { VERDICT } from './shape-verdict.ts'
import type { Tally } from './tally.ts'

const isEverything = ({ origin, shape, priority, facts }: Plan): boolean => origin === undefined && shape.length === 0 && priority === undefined && facts === undefined

/** What of a row a key is told by. */
type KeySource = 'none' | 'origin' | 'shape' | 'priority' | 'time' | 'frame'

function sourceOf(key: CountKey | undefined): KeySource {
  if (key === undefined) return 'none'
  if (key.kind === 'time') return 'time'
  if (key.kind === 'param') return 'frame'
  switch (key.field) {
    case 'node':
    case 'session':
    case 'source':
    case 'host':
    case 'method':
      return 'origin'
    case 'app':
    case 'msgid':
    case 'format':
    case 'template':
      return 'shape'
    case 'severity':
    case 'facility':
      return 'priority'
    case 'procid':
      return 'frame'
  }
}

export interface RunCounterOptions { readonly by: readonly CountKey[]; readonly tally: Tally; readonly candidates: Candidates }
export interface RunCount { readonly scanned: number; readonly isStopped: boolean }
/** Adds the answers of a run to the tally; `mustStop` is asked after each block. Throws RangeError on damage. */
export type RunCounter = (chunk: RunChunk, question: RunQuestion, mustStop: (rows: number) => boolean) => RunCount

/** Counts without looking at rows where lists answer, without looking at frames where dictionaries do. */
export function createRunCounter({ by, tally, candidates }: RunCounterOptions): RunCounter {
  const sources = [sourceOf(by[0]), sourceOf(by[1])] as const
  const readers = [0, 1].map((index) => (by[index] === undefined ? () => 0 : partReader(by[index]!, index, tally)))
  const ofDictionaries = createDictionaryParts(readers)
  const exampleOf = by.some((key) => key.kind === 'field' && key.field === 'template')

  const byOrigins = (chunk: RunChunk, { verdicts }: RunQuestion): void => {
    const { numbers, counts } = decodeTallies(chunk.file.file.originsOf(chunk.id))
    for (const [i, number] of numbers.entries()) {
      if (verdicts.hasOrigin(number)) tally.add(ofDictionaries.ofOrigin(chunk.file, 0, number), ofDictionaries.ofOrigin(chunk.file, 1, number), counts[i]!, chunk.lastSeq)
    }
  }

  /** @returns whether all rows were decided by their shapes */
  const byShapes = (chunk: RunChunk, { verdicts }: RunQuestion): boolean => {
    const { numbers, counts } = decodeTallies(chunk.file.file.shapesOf(chunk.id))
    if (numbers.some((id) => verdicts.ofShape(id) === VERDICT.maybe || (id === 0 && sources.includes('shape')))) return false
    for (const [i, id] of numbers.entries()) {
      if (verdicts.ofShape(id) === VERDICT.yes) tally.add(ofDictionaries.ofShape(chunk.file, 0, id), ofDictionaries.ofShape(chunk.file, 1, id), counts[i]!, chunk.lastSeq)
    }
    return true
  }

  /** Rows in order of seq are in order of time: few steps, many rows each. */
  const byTimes = (chunk: RunChunk, { decoder }: RunQuestion): void => {
    const { head } = decoder
    decoder.loadHead(chunk)
    const row = { receivedMs: head.receivedMs } as unknown as Batch
    let [step, count] = [0, 0]
    for (let i = 0; i < chunk.rows; i++) {
      const part = readers[0]!(row, i)
      if (part !== step && count > 0) {
        tally.add(step, 0, count, chunk.lastSeq)
        count = 0
      }
      step = part
      count++
    }
    tally.add(step, 0, count, chunk.lastSeq)
  }

  const has = (source: KeySource): boolean => sources.includes(source)
  const isWhole = (chunk: RunChunk, { afterSeq, beforeSeq, plan }: RunQuestion): boolean => plan.priority === undefined && plan.facts === undefined && afterSeq < chunk.firstSeq && beforeSeq > chunk.lastSeq

  return (chunk, question, mustStop) => {
    const { plan } = question
    if (!mayRunHold(chunk, question)) return { scanned: 0, isStopped: false }
    const needsRows = has('priority') || has('time') || has('frame') || exampleOf || !isWhole(chunk, question)
    if (!needsRows && plan.shape.length === 0 && !has('shape')) {
      byOrigins(chunk, question)
      return { scanned: 0, isStopped: false }
    }
    if (sources[0] === 'time' && sources[1] === 'none' && isEverything(plan) && isWhole(chunk, question)) {
      byTimes(chunk, question)
      return { scanned: 0, isStopped: false }
    }
    if (!needsRows && plan.origin === undefined && !has('origin') && byShapes(chunk, question)) return { scanned: 0, isStopped: false }
    return countBlocks(chunk, question, { sources, readers, ofDictionaries, tally, candidates, mustStop })
  }
}

interface BlockCount extends RunCounterParts { mustStop(rows: number): boolean }
interface RunCounterParts { readonly sources: readonly [KeySource, KeySource]; readonly readers: readonly PartReader[]; readonly ofDictionaries: DictionaryParts; readonly tally: Tally; readonly candidates: Candidates }

function countBlocks(chunk: RunChunk, question: RunQuestion, { sources, readers, ofDictionaries, tally, candidates, mustStop }: BlockCount): RunCount {
  const { decoder, plan } = question
  const { block, head } = decoder
  const places = new Uint16Array(BLOCK_ROWS)
  const needsFacts = sources.includes('time') || sources.includes('frame')
  let scanned = 0
  let done = 0
  let from = 0

  const partOf = (index: 0 | 1, place: number): number => {
    switch (sources[index]) {
      case 'none':
        return 0
      case 'origin':
        return ofDictionaries.ofOrigin(chunk.file, index, head.tallies.numbers[head.origin[head.order[from + place]!]!]!)
      case 'shape': {
        const shape = block.shapes[block.shapeAt[place]!]
        return shape === undefined ? readers[index]!(block.batch, place) : ofDictionaries.ofShape(chunk.file, index, shape.id)
      }
      default:
        return readers[index]!(block.batch, place)
    }
  }

  const countBlock = (): void => {
    const first = candidates.places[done]!
    from = startOfBlock(chunk, first)
    let undecided = 0
    for (let i = done; i < candidates.count; i++) {
      const place = candidates.places[i]! - from
      const isPlain = block.shapeAt[place] === 0 && sources.includes('shape')
      if (candidates.isDecided[i] === 0 || isPlain || sources.includes('frame')) places[undecided++] = place
    }
    if (sources.includes('priority')) block.fillPriorities()
    if (undecided > 0) {
      block.fillFacts(places, undecided)
      block.fillFrames(places, undecided)
    }
    if (needsFacts) block.fillFacts(Uint16Array.from(candidates.places.subarray(done, candidates.count), (place) => place - from), candidates.count - done)
    // rows of one group that follow each other are added at once
    let [groupFirst, groupSecond, count, newestSeq] = [0, 0, 0, 0]
    for (let i = done; i < candidates.count; i++) {
      const place = candidates.places[i]! - from
      if (candidates.isDecided[i] === 0 && plan.frame !== undefined && !plan.frame(block.batch, place)) continue
      const [first, second] = [partOf(0, place), partOf(1, place)]
      if (count > 0 && (first !== groupFirst || second !== groupSecond)) {
        tally.add(groupFirst, groupSecond, count, newestSeq)
        count = newestSeq = 0
      }
      groupFirst = first
      groupSecond = second
      newestSeq = Math.max(newestSeq, head.seqOf(head.order[from + place]!))
      count++
    }
    if (count > 0) tally.add(groupFirst, groupSecond, count, newestSeq)
    done = candidates.count
  }

  const isEnd = findCandidates(chunk, question, {
    candidates,
    look(rows) {
      scanned += rows
      if (candidates.count > done) countBlock()
      return mustStop(scanned)
    },
  })
  return { scanned, isStopped: !isEnd }
}

function startOfBlock(chunk: RunChunk, place: number): number {
  let from = 0
  for (const rows of chunk.blockRows) {
    if (place < from + rows) break
    from += rows
  }
  return from
}

/** Parts of dictionary entries, asked once. */
interface DictionaryParts {
  ofOrigin(file: OpenRunFile, index: 0 | 1, number: number): number
  ofShape(file: OpenRunFile, index: 0 | 1, id: number): number
}

function createDictionaryParts(readers: readonly PartReader[]): DictionaryParts {
  const row = createDictionaryRow()
  const remember = (fill: (row: Batch, file: OpenRunFile, number: number) => void): DictionaryParts['ofOrigin'] => {
    const known = new Map<OpenRunFile, Map<number, number>[]>()
    return (file, index, number) => {
      let tables = known.get(file)
      if (tables === undefined) known.set(file, (tables = [new Map(), new Map()]))
      let part = tables[index]!.get(number)
      if (part === undefined) {
        fill(row, file, number)
        part = readers[index]!(row, 0)
        tables[index]!.set(number, part)
      }
      return part
    }
  }
  return {
    ofOrigin: remember((to, file, number) => fillOriginRow(to, file.dictionaries().origins[number]!)),
    ofShape: remember((to, file, id) => (id === 0 ? undefined : fillShapeRow(to, file.dictionaries().shapes[id - 1]!))),
  }
}
