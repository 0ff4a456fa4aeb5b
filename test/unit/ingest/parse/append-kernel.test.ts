import { expect, test } from 'vitest'
import { createBatch, MAX_FRAME_BYTES } from '#domain/batch.ts'
import { createInterner } from '../../../../src/ingest/interner.ts'
import { createParser } from '../../../../src/ingest/parse/parser.ts'

const RECORD = '6,1234,5678,-;text'
const ROOM = 'kernel'.length

/** APP-NAME of a kernel's record of `length` bytes in a batch with `roomBytes` behind it, and the bytes that the batch uses then. */
function read({ length, roomBytes }: { readonly length: number; readonly roomBytes: number }): { readonly appBytes: number; readonly frameBytes: number; readonly byteCount: number } {
  const batch = createBatch(8, length + roomBytes)
  const memory = Buffer.from(batch.bytes.buffer, batch.bytes.byteOffset, batch.bytes.length)
  memory.fill('x', 0, length).write(RECORD)
  batch.byteCount = length
  createParser(createInterner({ capacity: 2, maxKeyBytes: 256, arenaBytes: 1024 })).parse(batch, { row: 0, start: 0, length, receivedMs: 0, faults: 0, form: 'syslog' })
  return { appBytes: batch.appLen[0]!, frameBytes: batch.frameLen[0]!, byteCount: batch.byteCount }
}

test.for([
  ['where there is room', { length: 100, roomBytes: ROOM }, ROOM],
  ['not where the batch is full', { length: 100, roomBytes: ROOM - 1 }, 0],
  ['where the frame stays within its limit', { length: MAX_FRAME_BYTES - ROOM, roomBytes: 64 }, ROOM],
  ['not where the frame would be over its limit', { length: MAX_FRAME_BYTES - ROOM + 1, roomBytes: 64 }, 0],
] as const)('the name of the kernel is put behind its record %s', ([, given, appBytes]) => {
  expect(read(given)).toEqual({ appBytes, frameBytes: given.length + appBytes, byteCount: given.length + appBytes })
})
