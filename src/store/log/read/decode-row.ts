import { isAscii } from 'node:buffer'
import { decodeText } from '#base/bytes.ts'
import { seqOf, type Batch } from '#domain/batch.ts'
import { faultList, FORMATS, IDENTITY_METHODS, type StoredMessage } from '#domain/message.ts'
import { rawLength } from '#domain/raw-length.ts'
import { FACILITIES, SEVERITIES } from '#domain/severity.ts'

/** One row as a message of its own: nothing in it refers to the batch. A value outside a catalogue (of a newer program) reads as its first word. */
export function decodeRow(batch: Batch, row: number): StoredMessage {
  const frame = batch.frameStart[row]
  const kept = batch.bytes.slice(frame, frame + batch.frameLen[row])
  const received = rawLength(batch, row)
  const bytes = Buffer.from(kept.buffer, kept.byteOffset, kept.length)
  const isPlain = isAscii(bytes)
  const text = (offset: number, length: number): string =>
    length === 0 ? '' : isPlain ? bytes.toString('latin1', offset, offset + length) : decodeText(bytes.subarray(offset, offset + length)).text
  const sentMs = batch.sentMs[row]
  return {
    seq: seqOf(batch, row),
    receivedMs: batch.receivedMs[row],
    sentMs: Number.isNaN(sentMs) ? undefined : sentMs,
    facility: FACILITIES[batch.pri[row] >> 3] ?? FACILITIES[0],
    severity: SEVERITIES[batch.pri[row] & 7],
    host: text(batch.hostOff[row], batch.hostLen[row]),
    app: text(batch.appOff[row], batch.appLen[row]),
    procid: text(batch.procOff[row], batch.procLen[row]),
    msgid: text(batch.msgidOff[row], batch.msgidLen[row]),
    structuredData: text(batch.sdOff[row], batch.sdLen[row]),
    text: text(batch.textOff[row], batch.textLen[row]),
    label: text(batch.labelOff[row], batch.labelLen[row]),
    raw: received === kept.length ? kept : kept.slice(0, received),
    format: FORMATS[batch.format[row]] ?? FORMATS[0],
    faults: faultList(batch.faults[row]),
    sourceId: batch.source[row],
    nodeId: batch.node[row],
    sessionId: batch.session[row],
    method: IDENTITY_METHODS[batch.method[row]] ?? IDENTITY_METHODS[0],
    confidence: batch.confidence[row],
  }
}
