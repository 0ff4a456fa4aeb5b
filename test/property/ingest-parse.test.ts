import { expect, test } from 'vitest'
import { parseMutated } from '../fixtures/ingest/mutated-run.ts'

/** A hundredth of what the suite `parser` does (ingest-millions.proof.ts), with other seeds. */
const INPUTS = 100_000

test('the parser takes any bytes, keeps its spans inside the frame and does not look beyond it', () => {
  const outcome = parseMutated({ seed: 2, inputs: INPUTS })
  expect(outcome.problem).toBeUndefined()
  expect(outcome.inputs).toBe(INPUTS)
  // What surrounds a frame was changed for some of them, and the mutations reach more than one dialect.
  expect(outcome.twice).toBe(INPUTS / 16)
  expect(outcome.formats.filter((count) => count > 0).length).toBeGreaterThanOrEqual(4)
}, 30_000)
