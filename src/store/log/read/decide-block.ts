import { hasPlainText } from '../seal/runs/frame-writer.ts'
import { BLOCK_ROWS } from '../seal/runs/run.ts'
import { ALL_PLACES } from './load-run.ts'
import type { RunChunk } from './run-files.ts'
import { boundsIn, type AnswerKind, type PlaceRange, type RunQuestion } from './run-question.ts'
import { VERDICT } from './verdict.ts'

/** What is known of a row; the first two are what a text scan writes. */
const STATE = { no: 0, yes: 1, open: 2 } as const

export interface BlockQuestion {
  /** Place of the block's first row in the run. */
  readonly from: number
  /** Places in the block that are asked about. */
  readonly ranges: readonly PlaceRange[]
  /** Rows with a shape, and those without, may be answers. */
  readonly withShaped: boolean
  readonly withPlain: boolean
  readonly kind: AnswerKind
}

/** Tells which rows of the loaded block are answers: by shapes, then by columns, then by texts, and by whole frames where nothing less will do. */
export interface BlockDecider {
  /** Throws RangeError on damage. */
  decide(chunk: RunChunk, question: RunQuestion, block: BlockQuestion): void
  /** Puts the answers behind `count`; @returns the new count */
  collect(ranges: readonly PlaceRange[], into: { readonly places: Uint16Array; readonly count: number; readonly from: number }): number
}

export function createBlockDecider(): BlockDecider {
  const state = new Uint8Array(BLOCK_ROWS)
  /** Open rows, shape after shape. */
  const grouped = new Uint16Array(BLOCK_ROWS)

  const verdictsOf = ({ plan, verdicts, decoder: { block } }: RunQuestion, { withShaped, withPlain, kind }: BlockQuestion): Uint8Array => {
    const ofLocal = new Uint8Array(block.shapes.length)
    for (const [local, shape] of block.shapes.entries()) {
      if (shape === undefined ? !withPlain : !withShaped) continue
      const verdict = verdicts.ofShape(shape?.id ?? 0)
      if (verdict === VERDICT.yes) ofLocal[local] = kind === 'open' && shape !== undefined ? STATE.no : STATE.yes
      else if (verdict === VERDICT.maybe) ofLocal[local] = shape === undefined || plan.columns === undefined || plan.columns(shape, block.variablesOf(local)) ? STATE.open : STATE.no
    }
    return ofLocal
  }

  const decideByFacts = (chunk: RunChunk, question: RunQuestion, { from, ranges }: BlockQuestion): void => {
    const { plan, decoder } = question
    const { block } = decoder
    if (plan.priority !== undefined) block.fillPriorities()
    const facts = plan.facts !== undefined && plan.factsOfRun(chunk) === VERDICT.yes ? undefined : plan.facts
    const { after, before, hasBounds } = boundsIn(chunk, question)
    if (plan.priority === undefined && facts === undefined && !hasBounds) return
    if (facts !== undefined || hasBounds) decoder.loadHead(chunk)
    if (facts !== undefined) {
      block.fillPriorities() // a choice may have it
      for (const range of ranges) block.fillFacts(ALL_PLACES.subarray(range.from, range.to), range.to - range.from)
    }
    for (const range of ranges) {
      for (let place = range.from; place < range.to; place++) {
        if (state[place] === STATE.no) continue
        const isIn = (plan.priority === undefined || plan.priority(block.batch, place)) && (facts === undefined || facts(block.batch, place))
        const seq = isIn && hasBounds ? decoder.head.seqOf(decoder.head.order[from + place]!) : 0
        if (!isIn || (hasBounds && (seq <= after || seq >= before))) state[place] = STATE.no
      }
    }
  }

  const decideByFrames = (chunk: RunChunk, { plan, decoder }: RunQuestion, places: Uint16Array): void => {
    const { block } = decoder
    decoder.loadHead(chunk)
    block.fillFacts(places, places.length)
    block.fillFrames(places, places.length)
    for (const place of places) state[place] = plan.frame === undefined || plan.frame(block.batch, place) ? STATE.yes : STATE.no
  }

  const decideShape = (chunk: RunChunk, question: RunQuestion, { local, places }: { readonly local: number; readonly places: Uint16Array }): void => {
    const { plan, decoder: { block } } = question
    const shape = block.shapes[local]
    if (plan.texts === undefined && !plan.isShapeOnly) return decideByFrames(chunk, question, places)
    if (shape === undefined) {
      block.fillPlain()
      for (const place of places) state[place] = plan.frame!(block.batch, place) ? STATE.yes : STATE.no
    } else if (plan.texts !== undefined && hasPlainText(shape)) {
      block.fillTexts(local, places, places.length)
      plan.texts({ batch: block.batch, places, count: places.length }, state)
    } else decideByFrames(chunk, question, places)
  }

  const decideOpen = (chunk: RunChunk, question: RunQuestion, ranges: readonly PlaceRange[]): void => {
    const { block } = question.decoder
    const next = new Uint32Array(block.shapes.length + 1)
    for (const range of ranges) for (let place = range.from; place < range.to; place++) if (state[place] === STATE.open) next[block.shapeAt[place]! + 1]!++
    for (let local = 1; local < next.length; local++) next[local]! += next[local - 1]!
    const starts = next.slice()
    for (const range of ranges) for (let place = range.from; place < range.to; place++) if (state[place] === STATE.open) grouped[next[block.shapeAt[place]!]!++] = place
    for (let local = 0; local < block.shapes.length; local++) {
      const [first, end] = [starts[local]!, next[local]!]
      if (end > first) decideShape(chunk, question, { local, places: grouped.subarray(first, end) })
    }
  }

  return {
    decide(chunk, question, asked) {
      const { shapeAt } = question.decoder.block
      const ofLocal = verdictsOf(question, asked)
      if (!ofLocal.some((found) => found !== STATE.no)) return void state.fill(STATE.no)
      for (const { from, to } of asked.ranges) for (let place = from; place < to; place++) state[place] = ofLocal[shapeAt[place]!]!
      decideByFacts(chunk, question, asked)
      if (ofLocal.includes(STATE.open)) decideOpen(chunk, question, asked.ranges)
    },
    collect(ranges, { places, count, from }) {
      let found = count
      for (const range of ranges) for (let place = range.from; place < range.to; place++) if (state[place] === STATE.yes) places[found++] = from + place
      return found
    },
  }
}
