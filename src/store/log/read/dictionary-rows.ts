import { createBatch, type Batch } from '#domain/batch.ts'
import type { Origin } from '../seal/origins.ts'
import { FIELD, MAX_LITERAL_BYTES, type Shape } from '../seal/shapes/shape.ts'

/** Entries of a file's dictionaries as row 0 of a batch, so that what is asked of rows can be asked of them. */
const MAX_HOST_BYTES = 65_536

export const createDictionaryRow = (): Batch => createBatch(8, Math.max(MAX_HOST_BYTES, MAX_LITERAL_BYTES))

/** Source, node, session, method, confidence and HOSTNAME. */
export function fillOriginRow(row: Batch, origin: Origin): void {
  row.source[0] = origin.source
  row.node[0] = origin.node
  row.session[0] = origin.session
  row.method[0] = origin.method
  row.confidence[0] = origin.confidence
  row.bytes.set(origin.host)
  row.hostLen[0] = origin.host.length
}

/** APP-NAME, MSGID, format, faults and template. */
export function fillShapeRow(row: Batch, shape: Shape): void {
  row.bytes.set(shape.literals)
  row.format[0] = shape.format
  row.faults[0] = shape.faults
  row.templateLo[0] = shape.templateLo
  row.templateHi[0] = shape.templateHi
  for (const [field, off, len] of [[FIELD.app, 'appOff', 'appLen'], [FIELD.msgid, 'msgidOff', 'msgidLen']] as const) {
    const from = shape.fieldFrom[field]!
    row[off][0] = from < 0 ? 0 : shape.literalStart[from]!
    row[len][0] = from < 0 ? 0 : shape.literalStart[shape.fieldTo[field]!]! - shape.literalStart[from]!
  }
}
