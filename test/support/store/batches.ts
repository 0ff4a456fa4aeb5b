import { createBatch, type Batch } from '#domain/batch.ts'

/** One message to store, everything optional: what a test says nothing about is a plain, valid value. */
export interface RowSpec {
  readonly receivedMs?: number
  readonly sentMs?: number
  readonly host?: string
  readonly app?: string
  readonly procid?: string
  readonly msgid?: string
  readonly text?: string | Uint8Array
  readonly pri?: number
  readonly node?: number
  readonly session?: number
  readonly source?: number
  readonly template?: number
  readonly templateHi?: number
  readonly sd?: string
  readonly label?: string
  /** Bits of PARSE_FAULTS, places in FORMATS and IDENTITY_METHODS, and 0–100. */
  readonly faults?: number
  readonly format?: number
  readonly method?: number
  readonly confidence?: number
}

export const NOON_MS = Date.UTC(2026, 10, 22, 12)

/** A batch as the log writer commits it: `<pri>host app procid msgid sd label text` frames with gaps between them. */
export function batchOf(rows: readonly RowSpec[], capacityRows = Math.max(8, (rows.length + 7) & ~7)): Batch {
  const frames = rows.map(frameOf)
  const batch = createBatch(capacityRows, frames.reduce((sum, frame) => sum + frame.bytes.length + 1, 64))
  batch.printkUs.fill(Number.NaN)
  for (const [row, spec] of rows.entries()) {
    const { bytes, spans } = frames[row]
    batch.bytes.set(bytes, batch.byteCount)
    batch.frameStart[row] = batch.byteCount
    batch.frameLen[row] = bytes.length
    batch.byteCount += bytes.length + 1 // the newline that ended it
    for (const [name, [offset, length]] of Object.entries(spans)) {
      batch[`${name as Field}Off`][row] = offset
      batch[`${name as Field}Len`][row] = length
    }
    batch.receivedMs[row] = spec.receivedMs ?? NOON_MS
    batch.sentMs[row] = spec.sentMs ?? Number.NaN
    batch.pri[row] = spec.pri ?? 14
    batch.node[row] = spec.node ?? 0
    batch.session[row] = spec.session ?? 0
    batch.source[row] = spec.source ?? 1
    batch.templateLo[row] = spec.template ?? 0
    batch.templateHi[row] = spec.templateHi ?? 0
    batch.faults[row] = spec.faults ?? 0
    batch.format[row] = spec.format ?? 2
    batch.method[row] = spec.method ?? 3
    batch.confidence[row] = spec.confidence ?? 80
    batch.rows++
  }
  return batch
}

type Field = 'host' | 'app' | 'proc' | 'msgid' | 'sd' | 'label' | 'text'

function frameOf({ pri = 14, host = '', app = '', procid = '', msgid = '', sd = '', label = '', text = '' }: RowSpec): { readonly bytes: Buffer; readonly spans: Record<Field, readonly [number, number]> } {
  const parts = [Buffer.from(`<${pri}>`)]
  let at = parts[0].length
  const put = (value: string | Uint8Array): readonly [number, number] => {
    const bytes = Buffer.from(value as Uint8Array)
    if (bytes.length === 0) return [0, 0]
    parts.push(bytes, Buffer.from(' '))
    at += bytes.length + 1
    return [at - bytes.length - 1, bytes.length]
  }
  const spans = { host: put(host), app: put(app), proc: put(procid), msgid: put(msgid), sd: put(sd), label: put(label), text: put(text) }
  return { bytes: Buffer.concat(parts), spans }
}
