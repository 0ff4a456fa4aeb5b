import type { Batch } from '#domain/batch.ts'
import type { ResolvedQuery } from '../../query.ts'
import type { Dictionaries } from '../seal/runs/run.ts'
import { createDictionaryRow, fillOriginRow } from './dictionary-rows.ts'
import type { Plan } from './plan.ts'
import type { OpenRunFile } from './run-files.ts'
import { compileShapeVerdict } from './shape-verdict.ts'
import { VERDICT, type Verdict } from './verdict.ts'

const UNKNOWN = 0

/** What the dictionaries of one file say about a query, asked once an entry and remembered for the search. */
export interface FileVerdicts {
  /** May rows of this origin be answers? */
  hasOrigin(number: number): boolean
  /** @param id 0: rows without a shape */
  ofShape(id: number): Verdict
}

export function createVerdicts(plan: Plan): (file: OpenRunFile) => FileVerdicts {
  const known = new Map<OpenRunFile, FileVerdicts>()
  const shapeTerms = plan.shape.length === 0 ? undefined : compileShapeVerdict(plan.shape.length === 1 ? plan.shape[0]! : ({ kind: 'and', terms: plan.shape } satisfies ResolvedQuery))
  const row = createDictionaryRow()
  return (file) => {
    let verdicts = known.get(file)
    if (verdicts === undefined) known.set(file, (verdicts = verdictsOf(plan, { dictionaries: () => file.dictionaries(), shapeTerms, row })))
    return verdicts
  }
}

interface Ground { readonly shapeTerms: ReturnType<typeof compileShapeVerdict> | undefined; readonly row: Batch; dictionaries(): Dictionaries }

function verdictsOf({ origin: matchOrigin }: Plan, { dictionaries, shapeTerms, row }: Ground): FileVerdicts {
  let { shapes, origins } = dictionaries()
  let ofOrigin = new Uint8Array(origins.length)
  let ofShape = new Uint8Array(shapes.length + 1)
  const grow = (): void => {
    ;({ shapes, origins } = dictionaries())
    ofOrigin = grown(ofOrigin, origins.length)
    ofShape = grown(ofShape, shapes.length + 1)
  }
  return {
    hasOrigin(number) {
      if (matchOrigin === undefined) return true
      if (number >= ofOrigin.length) grow()
      if (ofOrigin[number] === UNKNOWN) {
        const origin = origins[number]
        if (origin === undefined) throw new RangeError('a run has an origin that its file does not have')
        fillOriginRow(row, origin)
        ofOrigin[number] = matchOrigin(row, 0) ? VERDICT.yes : VERDICT.no
      }
      return ofOrigin[number] === VERDICT.yes
    },
    ofShape(id) {
      if (shapeTerms === undefined) return VERDICT.yes
      if (id === 0) return VERDICT.maybe
      if (id >= ofShape.length) grow()
      if (ofShape[id] === UNKNOWN) {
        const shape = shapes[id - 1]
        if (shape === undefined) throw new RangeError('a run has a shape that its file does not have')
        ofShape[id] = shapeTerms(shape)
      }
      return ofShape[id] as Verdict
    },
  }
}

function grown(verdicts: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
  const longer = new Uint8Array(length)
  longer.set(verdicts)
  return longer
}
