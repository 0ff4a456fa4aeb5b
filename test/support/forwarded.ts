import { createBatch, type Batch } from '#domain/batch.ts'
import { createInterner } from '../../src/ingest/interner.ts'
import { createParser, type FrameRow } from '../../src/ingest/parse/parser.ts'
import { createLineBuffer } from '../../src/sinks/lines/line-buffer.ts'
import { createMessageForm } from '../../src/sinks/upstream/message-form.ts'

/** A frame as ingest reads it, with a node, a session and a sender as the log writer adds them. */
export function receivedBatch(frame: Uint8Array, { receivedMs, form = 'syslog' }: { readonly receivedMs: number; readonly form?: FrameRow['form'] | undefined }): Batch {
  const batch = createBatch(8, frame.length + 64)
  batch.bytes.set(frame)
  batch.byteCount = frame.length
  batch.rows = 1
  createParser(createInterner({ capacity: 2, maxKeyBytes: 256, arenaBytes: 1024 })).parse(batch, { row: 0, start: 0, length: frame.length, receivedMs, faults: 0, form })
  batch.receivedMs[0] = receivedMs
  batch.firstSeq = 4711
  batch.node[0] = 1
  batch.session[0] = 7
  batch.source[0] = 3
  return batch
}

export const NAMES = { node: () => 'tch-001', session: (): string | undefined => 'a1b2c3', source: () => '10.0.0.7' }
export const HUB_ID = '0123456789abcdef'
export const OWN_ELEMENT = (path = HUB_ID): string => `[hub@32473 path="${path}" node="tch-001" seq="4711" stream="89abcdef" count="5"]`

/** What is sent of it; undefined: nothing. */
export function forwarded(batch: Batch, { names = NAMES, hubId = HUB_ID }: { readonly names?: typeof NAMES; readonly hubId?: string } = {}): Buffer | undefined {
  const out = createLineBuffer()
  const isForwarded = createMessageForm(names, { hubId, stream: '89abcdef' })(out, batch, 0, 5)
  return isForwarded ? Buffer.from(out.bytes.subarray(0, out.length)) : undefined
}
