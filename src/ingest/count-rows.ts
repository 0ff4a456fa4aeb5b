import type { Batch } from '#domain/batch.ts'
import { FORMATS, PARSE_FAULTS } from '#domain/message.ts'
import type { IngestCounters } from './counters.ts'
import { FAULT } from './parse/fault-bits.ts'

const FORMAT_COUNTERS = FORMATS.map((format) => `format-${format}` as const)
const FAULT_COUNTERS = PARSE_FAULTS.map((fault) => `fault-${fault}` as const)

/** Counts forms and faults of a whole batch: cheaper than row by row. */
export function countRows(batch: Batch, counters: IngestCounters): void {
  const formats = new Uint32Array(FORMATS.length)
  const faults = new Uint32Array(PARSE_FAULTS.length)
  for (let row = 0; row < batch.rows; row++) {
    formats[batch.format[row]!]!++
    for (let bits = batch.faults[row]!; bits !== 0; bits &= bits - 1) faults[31 - Math.clz32(bits & -bits)]!++
  }
  for (const [format, count] of formats.entries()) if (count > 0) counters.add(FORMAT_COUNTERS[format]!, count)
  for (const [fault, count] of faults.entries()) if (count > 0) counters.add(FAULT_COUNTERS[fault]!, count)
  const cut = faults[31 - Math.clz32(FAULT.truncated)]!
  if (cut > 0) counters.add('cut-messages', cut)
}
