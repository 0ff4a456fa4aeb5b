import type { Batch } from '#domain/batch.ts'
import { evidenceOf } from '#domain/evidence.ts'
import { IDENTITY_METHODS } from '#domain/message.ts'
import { STAGE_NAMES, type Stage } from '#domain/stages.ts'
import { LABEL_SD_ID } from '#domain/wire.ts'
import type { Parts } from './lifecycle.ts'

interface StageRow { readonly batch: Batch; readonly row: number; readonly view: Buffer }

/** How the node of a row is known: by a label, else by what names it. */
interface Known { readonly isLabelled: boolean; readonly method: number; readonly nodeId: number }

/** The stage that a row's label names, when it is a word of the catalogue and the node is proven (evidence B). */
export function toldStage({ counters }: Parts, request: StageRow, { isLabelled, method, nodeId }: Known): Stage | undefined {
  const word = stageWord(request)
  if (!STAGE_NAMES.includes(word)) counters.add('stage:unknown')
  else if (!isLabelled && evidenceOf(IDENTITY_METHODS[method]!, nodeId) !== 'B') counters.add('stage:unproven')
  else return word as Stage
  return undefined
}

/** Parameters are read one by one: a value may hold what looks like another one. */
const ELEMENT = new RegExp(String.raw`\[${LABEL_SD_ID}((?: [^ =\]"]+="(?:[^"\\]|\\.)*")*)\]`)
const STAGE_PARAMETER = /(?:^|") stage="([^"]*)"/
const PREFIX = /^\[(?:[^\]]* )?st=([^ \]]*)/

function stageWord({ batch, row, view }: StageRow): string {
  const frame = batch.frameStart[row]!
  const textOf = (offset: number, length: number) => view.toString('latin1', frame + offset, frame + offset + length)
  const parameters = ELEMENT.exec(textOf(batch.sdOff[row]!, batch.sdLen[row]!))?.[1] ?? ''
  return (STAGE_PARAMETER.exec(parameters) ?? PREFIX.exec(textOf(batch.textOff[row]!, batch.textLen[row]!)))?.[1] ?? ''
}
