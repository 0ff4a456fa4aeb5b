import { lookupToken } from '../seal/tokens/index.ts'
import { RUN_ROWS, type Tallies } from '../seal/runs/run.ts'
import { createBlockDecider, type BlockDecider } from './decide-block.ts'
import type { RunDecoder } from './load-run.ts'
import type { RunChunk } from './run-files.ts'
import { boundsIn, type AnswerKind, type PlaceRange, type RunQuestion } from './run-question.ts'
import { VERDICT } from './verdict.ts'

/** The answers of a run, found block by block. */
export interface Candidates {
  /** Places in the run, ascending; `count` of them. */
  readonly places: Uint16Array
  count: number
  readonly decider: BlockDecider
}
export const createCandidates = (): Candidates => ({ places: new Uint16Array(RUN_ROWS), count: 0, decider: createBlockDecider() })

/** May any row of the run be an answer? Reads the lists of the run at most. Throws RangeError on damage. */
export function mayRunHold(chunk: RunChunk, question: RunQuestion): boolean {
  const { after, before } = boundsIn(chunk, question)
  if (after >= chunk.lastSeq || before <= chunk.firstSeq) return false
  const { plan, verdicts, decoder } = question
  if (plan.facts !== undefined && plan.factsOfRun(chunk) === VERDICT.no) return false
  if (plan.origin !== undefined && !decoder.originsOf(chunk).numbers.some((number) => verdicts.hasOrigin(number))) return false
  return plan.shape.length === 0 || decoder.shapesOf(chunk).numbers.some((id) => verdicts.ofShape(id) !== VERDICT.no)
}

/** The blocks of a run that may hold the tokens that every answer has. */
interface TokenBlocks {
  /** Rows with a shape: bit `b` of word 0 is block `b`, of word 1 block `32 + b`. */
  readonly shaped: Uint32Array
  /** Rows without one: their words are in the index too. */
  readonly plain: Uint32Array
}
const isIn = (blocks: Uint32Array, block: number): boolean => ((blocks[block >>> 5]! >>> (block & 31)) & 1) === 1

function blocksWithTokens(chunk: RunChunk, { plan, decoder }: RunQuestion, shapes: Tallies): TokenBlocks {
  const shaped = Uint32Array.of(0xffff_ffff, 0xffff_ffff)
  const plain = Uint32Array.of(0xffff_ffff, 0xffff_ffff)
  const hasPlain = shapes.numbers[0] === 0
  const wanted = plan.tokens.filter((token) => token.isVariable || hasPlain)
  if (wanted.length > 0) {
    const index = decoder.tokensOf(chunk)
    const found = new Uint32Array(2)
    for (const { hash, isVariable } of wanted) {
      lookupToken(index, hash, found)
      for (const word of [0, 1]) {
        plain[word]! &= found[word]!
        if (isVariable) shaped[word]! &= found[word]!
      }
    }
  }
  if (!hasPlain) plain.fill(0)
  return { shaped, plain }
}

export interface AnswerSearch {
  readonly candidates: Candidates
  readonly kind: AnswerKind
  /** Called after each block that was read, which is loaded still; `from` is the place of its first row. `true` ends the work. */
  look(block: { readonly from: number; readonly rows: number }): boolean
}

/** Fills `candidates` block by block. @returns whether it came to its end. Throws RangeError on damage. */
export function findAnswers(chunk: RunChunk, question: RunQuestion, { candidates, kind, look }: AnswerSearch): boolean {
  const { verdicts, decoder } = question
  candidates.count = 0
  const shapes = decoder.shapesOf(chunk)
  const least = kind === 'all' ? VERDICT.yes : VERDICT.maybe
  const hasShaped = shapes.numbers.some((id) => id !== 0 && verdicts.ofShape(id) !== VERDICT.no && verdicts.ofShape(id) <= least)
  const blocks = blocksWithTokens(chunk, question, shapes)
  if (!hasShaped) blocks.shaped.fill(0)
  if ((blocks.shaped[0]! | blocks.shaped[1]! | blocks.plain[0]! | blocks.plain[1]!) === 0) return true
  const ranges = originRanges(chunk, question)
  let from = 0
  for (const [block, rows] of chunk.blockRows.entries()) {
    const withShaped = isIn(blocks.shaped, block)
    const withPlain = isIn(blocks.plain, block)
    const to = from + rows
    const inBlock = ranges.filter((range) => range.from < to && range.to > from).map((range) => ({ from: Math.max(range.from, from) - from, to: Math.min(range.to, to) - from }))
    if ((withShaped || withPlain) && inBlock.length > 0) {
      const before = candidates.count
      try {
        decoder.loadBlock(chunk, block, from)
        candidates.decider.decide(chunk, question, { from, ranges: inBlock, withShaped, withPlain, kind })
        candidates.count = candidates.decider.collect(inBlock, { places: candidates.places, count: before, from })
      } catch (error) {
        candidates.count = before
        question.onDamage(block, error)
      }
      if (look({ from, rows })) return false
    }
    from = to
  }
  return true
}

/** Is every row of the wanted origins and seqs an answer? Then no block is needed to say which. */
export const isDecidedByHead = (chunk: RunChunk, { plan }: RunQuestion): boolean =>
  plan.shape.length === 0 && plan.priority === undefined && (plan.facts === undefined || plan.factsOfRun(chunk) === VERDICT.yes)

/** Fills `candidates` where the head decides. Throws RangeError on damage. */
export function findByHead(chunk: RunChunk, question: RunQuestion, candidates: Candidates): void {
  const { decoder } = question
  const { after, before, hasBounds } = boundsIn(chunk, question)
  decoder.loadHead(chunk)
  const [firstRow, endRow] = hasBounds ? [rowAfter(chunk, decoder, after), rowAfter(chunk, decoder, before - 1)] : [0, chunk.rows]
  const { order } = decoder.head
  candidates.count = 0
  for (const range of originRanges(chunk, question)) {
    const to = Math.min(range.to, chunk.rows)
    for (let place = range.from; place < to; place++) if (order[place]! >= firstRow && order[place]! < endRow) candidates.places[candidates.count++] = place
  }
}

/** The first row with a seq greater than `seq`. */
function rowAfter({ rows }: RunChunk, { head }: RunDecoder, seq: number): number {
  let [low, high] = [0, rows]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (head.seqOf(middle) <= seq) low = middle + 1
    else high = middle
  }
  return low
}

/** Where the rows of the wanted origins lie, neighbours as one. */
function originRanges(chunk: RunChunk, { plan, verdicts, decoder }: RunQuestion): readonly PlaceRange[] {
  if (plan.origin === undefined) return [{ from: 0, to: RUN_ROWS }]
  const { numbers, counts } = decoder.originsOf(chunk)
  const ranges: { from: number; to: number }[] = []
  let from = 0
  for (const [i, number] of numbers.entries()) {
    const to = from + counts[i]!
    if (verdicts.hasOrigin(number)) {
      const last = ranges.at(-1)
      if (last?.to === from) last.to = to
      else ranges.push({ from, to })
    }
    from = to
  }
  return ranges
}
