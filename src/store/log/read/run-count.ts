import type { CountKey } from '../../port.ts'
import { partReader } from './count-keys.ts'
import { createBlockCounter, groupOf, type KeySource, type RunCount } from './count-blocks.ts'
import { createStepCounter } from './count-steps.ts'
import { createDictionaryParts } from './dictionary-parts.ts'
import { mayRunHold, type Candidates } from './run-candidates.ts'
import type { RunChunk } from './run-files.ts'
import { boundsIn, type RunQuestion } from './run-question.ts'
import type { Tally } from './tally.ts'
import { VERDICT } from './verdict.ts'

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
/** Adds the answers of a run to the tally; `mustStop` is asked after each block. Runs come newest first. Throws RangeError on damage. */
export type RunCounter = (chunk: RunChunk, question: RunQuestion, mustStop: (rows: number) => boolean) => RunCount

const NOT_SCANNED: RunCount = { scanned: 0, isStopped: false }

/** Counts without looking at rows where lists answer, without looking at frames where dictionaries do. */
export function createRunCounter({ by, tally, candidates }: RunCounterOptions): RunCounter {
  const sources = [sourceOf(by[0]), sourceOf(by[1])] as const
  const readers = [0, 1].map((index) => (by[index] === undefined ? () => 0 : partReader(by[index]!, index, tally)))
  const parts = createDictionaryParts(readers)
  const steps = by[0]?.kind === 'time' && by[1] === undefined ? createStepCounter({ stepMs: by[0].stepMs, read: readers[0]!, tally }) : undefined
  const examples = by.some((key) => key.kind === 'field' && key.field === 'template') ? new Map<number, RunChunk>() : undefined
  const isBy = (...wanted: readonly KeySource[]): boolean => sources.every((source) => source === 'none' || wanted.includes(source))
  const countBlocks = createBlockCounter({ sources, readers, parts, tally, candidates, examples })

  const byOrigins = (chunk: RunChunk, { verdicts, decoder }: RunQuestion): void => {
    const { numbers, counts } = decoder.originsOf(chunk)
    for (const [i, number] of numbers.entries()) {
      if (verdicts.hasOrigin(number)) tally.add(parts.ofOrigin(chunk.file, 0, number), parts.ofOrigin(chunk.file, 1, number), counts[i]!, chunk.lastSeq)
    }
  }

  /** A group that a newer run has needs no example from this one. */
  const hasExamples = (chunk: RunChunk, { verdicts, decoder }: RunQuestion): boolean =>
    examples === undefined || decoder.shapesOf(chunk).numbers.every((id) => id === 0 || verdicts.ofShape(id) !== VERDICT.yes || examples.has(groupOf(parts.ofShape(chunk.file, 0, id), parts.ofShape(chunk.file, 1, id))))

  /** Rows that their shape decides by the list, the others one by one. */
  const byShapes = (chunk: RunChunk, question: RunQuestion, mustStop: (rows: number) => boolean): RunCount => {
    const { verdicts, decoder } = question
    const { numbers, counts } = decoder.shapesOf(chunk)
    for (const [i, id] of numbers.entries()) {
      if (id !== 0 && verdicts.ofShape(id) === VERDICT.yes) tally.add(parts.ofShape(chunk.file, 0, id), parts.ofShape(chunk.file, 1, id), counts[i]!, 0)
    }
    const isOpen = numbers.some((id) => verdicts.ofShape(id) === VERDICT.maybe || (id === 0 && verdicts.ofShape(id) === VERDICT.yes))
    return isOpen ? countBlocks(chunk, question, { kind: 'open', mustStop }) : NOT_SCANNED
  }

  return (chunk, question, mustStop) => {
    const { plan } = question
    if (!mayRunHold(chunk, question)) return NOT_SCANNED
    if (isWhole(chunk, question)) {
      if (plan.shape.length === 0 && isBy('origin')) {
        byOrigins(chunk, question)
        return NOT_SCANNED
      }
      if (steps !== undefined && plan.shape.length === 0 && plan.origin === undefined) {
        steps(chunk, question.decoder)
        return NOT_SCANNED
      }
      if (plan.origin === undefined && isBy('shape') && hasExamples(chunk, question)) return byShapes(chunk, question, mustStop)
    }
    return countBlocks(chunk, question, { kind: 'all', mustStop })
  }
}

/** Are all rows of the run asked about, as far as the lists of the run cannot tell? */
const isWhole = (chunk: RunChunk, question: RunQuestion): boolean =>
  question.plan.priority === undefined && (question.plan.facts === undefined || question.plan.factsOfRun(chunk) === VERDICT.yes) && !boundsIn(chunk, question).hasBounds
