import { lookupToken } from '../seal/tokens/index.ts'
import { decodeTallies } from '../seal/runs/tallies.ts'
import { RUN_ROWS } from '../seal/runs/run.ts'
import type { FileVerdicts } from './file-verdicts.ts'
import type { RunDecoder } from './load-run.ts'
import type { Plan } from './plan.ts'
import type { RunChunk } from './run-files.ts'
import { VERDICT } from './shape-verdict.ts'

/** Rows of a run that may be answers, found without reading a frame. */
export interface Candidates {
  /** Places in the run, ascending; `count` of them. */
  readonly places: Uint16Array
  /** 1: the row is an answer; 0: its frame must be looked at. */
  readonly isDecided: Uint8Array
  count: number
}
export const createCandidates = (): Candidates => ({ places: new Uint16Array(RUN_ROWS), isDecided: new Uint8Array(RUN_ROWS), count: 0 })

export interface RunQuestion {
  readonly plan: Plan
  readonly verdicts: FileVerdicts
  readonly decoder: RunDecoder
  /** Only rows with a seq greater than this … */
  readonly afterSeq: number
  /** … and less than this. */
  readonly beforeSeq: number
  /** A block could not be read; the others are. */
  onDamage(block: number, error: unknown): void
}

/** May any row of the run be an answer? Reads the lists and the token index of the run at most. Throws RangeError on damage. */
export function mayRunHold(chunk: RunChunk, { plan, verdicts }: Pick<RunQuestion, 'plan' | 'verdicts'>): boolean {
  if (plan.origin !== undefined && !decodeTallies(chunk.file.file.originsOf(chunk.id)).numbers.some((number) => verdicts.hasOrigin(number))) return false
  return plan.shape.length === 0 || decodeTallies(chunk.file.file.shapesOf(chunk.id)).numbers.some((id) => verdicts.ofShape(id) !== VERDICT.no)
}

/** The blocks that may hold all the tokens that an answer must have. */
function blocksWithTokens(chunk: RunChunk, { plan, verdicts }: RunQuestion): Uint32Array {
  const blocks = Uint32Array.of(0xffff_ffff, 0xffff_ffff)
  // a word is in the literals of shapes; only where no shape has it must it stand in a row without one
  const onlyPlain = plan.tokens.length > 0 && !decodeTallies(chunk.file.file.shapesOf(chunk.id)).numbers.some((id) => id !== 0 && verdicts.ofShape(id) !== VERDICT.no)
  const wanted = plan.tokens.filter((token) => token.isVariable || onlyPlain)
  if (wanted.length === 0) return blocks
  const index = chunk.file.file.tokensOf(chunk.id)
  const found = new Uint32Array(2)
  for (const { hash } of wanted) {
    lookupToken(index, hash, found)
    blocks[0]! &= found[0]!
    blocks[1]! &= found[1]!
  }
  return blocks
}

/**
 * Fills `candidates` block by block. `look` is called after each block that was read, `true` from it ends the work.
 * @returns whether it came to its end. Throws RangeError on damage.
 */
export function findCandidates(chunk: RunChunk, question: RunQuestion, { candidates, look }: { readonly candidates: Candidates; look(rows: number): boolean }): boolean {
  candidates.count = 0
  const blocks = blocksWithTokens(chunk, question)
  if (blocks[0] === 0 && blocks[1] === 0) return true
  question.decoder.loadHead(chunk)
  const origins = originRanges(question)
  let from = 0
  for (const [block, rows] of chunk.blockRows.entries()) {
    const isWanted = ((blocks[block >>> 5]! >>> (block & 31)) & 1) === 1 && origins.some((range) => range.from < from + rows && range.to > from)
    if (isWanted) {
      const before = candidates.count
      try {
        question.decoder.loadBlock(chunk, block, from)
        for (const range of origins) addPlaces(question, { first: Math.max(range.from, from), end: Math.min(range.to, from + rows), from, candidates })
      } catch (error) {
        candidates.count = before
        question.onDamage(block, error)
      }
      if (look(rows)) return false
    }
    from += rows
  }
  return true
}

interface PlaceRange { readonly from: number; readonly to: number }

/** Where the rows of the wanted origins lie, neighbours as one. */
function originRanges({ plan, verdicts, decoder }: RunQuestion): readonly PlaceRange[] {
  const { numbers, counts } = decoder.head.tallies
  if (plan.origin === undefined) return [{ from: 0, to: RUN_ROWS }]
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

function addPlaces({ plan, verdicts, decoder, afterSeq, beforeSeq }: RunQuestion, { first, end, from, candidates }: { readonly first: number; readonly end: number; readonly from: number; readonly candidates: Candidates }): void {
  if (first >= end) return
  const { block, head } = decoder
  const ofLocal = block.shapes.map((shape) => verdicts.ofShape(shape?.id ?? 0))
  if (plan.priority !== undefined) block.fillPriorities()
  if (plan.facts !== undefined) {
    block.fillFacts(Uint16Array.from({ length: end - first }, (_, i) => first - from + i), end - first)
  }
  const hasBounds = afterSeq > -Infinity || beforeSeq < Infinity
  for (let place = first; place < end; place++) {
    const local = place - from
    const verdict = ofLocal[block.shapeAt[local]!]!
    if (verdict === VERDICT.no) continue
    if (plan.priority !== undefined && !plan.priority(block.batch, local)) continue
    if (plan.facts !== undefined && !plan.facts(block.batch, local)) continue
    if (hasBounds) {
      const seq = head.seqOf(head.order[place]!)
      if (seq <= afterSeq || seq >= beforeSeq) continue
    }
    candidates.places[candidates.count] = place
    candidates.isDecided[candidates.count++] = verdict === VERDICT.yes ? 1 : 0
  }
}
