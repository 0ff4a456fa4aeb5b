import { createHash } from 'node:crypto'
import { seqOf, type ColumnName } from '#domain/batch.ts'
import { loadChunk } from '../../../src/store/log/read/chunk.ts'
import { createRunDecoder } from '../../../src/store/log/read/load-run.ts'
import { openSnapshots } from '../../../src/store/log/read/snapshot.ts'

/** The columns that versions 1 and 2 keep; a later version may keep more. */
const COLUMNS = [
  'receivedMs', 'sentMs', 'faults', 'source', 'node', 'session', 'templateLo', 'templateHi', 'frameLen', 'hostOff', 'hostLen', 'appOff', 'appLen', 'procOff', 'procLen', 'msgidOff', 'msgidLen',
  'sdOff', 'sdLen', 'labelOff', 'labelLen', 'textOff', 'textLen', 'hints', 'pri', 'format', 'method', 'confidence',
] as const satisfies readonly ColumnName[]

export interface StoreDigest { readonly rows: number; readonly firstSeq: number; readonly lastSeq: number; readonly sha256: string }

/** Every message of a store's log in order of seq: its seq, its columns as doubles, its frame. */
export function digestStore(directory: string): StoreDigest {
  const snapshots = openSnapshots(directory, undefined)
  const decoder = createRunDecoder()
  const hash = createHash('sha256')
  const numbers = new Float64Array(COLUMNS.length + 1)
  let rows = 0
  let firstSeq = 0
  let lastSeq = 0
  try {
    for (const chunk of snapshots.take()) {
      const batch = loadChunk(chunk, decoder)
      for (let row = 0; row < batch.rows; row++) {
        lastSeq = seqOf(batch, row)
        if (rows++ === 0) firstSeq = lastSeq
        numbers[0] = lastSeq
        for (const [place, name] of COLUMNS.entries()) numbers[place + 1] = batch[name][row]!
        hash.update(new Uint8Array(numbers.buffer))
        hash.update(batch.bytes.subarray(batch.frameStart[row]!, batch.frameStart[row]! + batch.frameLen[row]!))
      }
    }
    return { rows, firstSeq, lastSeq, sha256: hash.digest('hex') }
  } finally {
    snapshots.close()
  }
}
