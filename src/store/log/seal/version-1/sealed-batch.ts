import type { Batch } from '#domain/batch.ts'
import { emptyIds, emptyLayout, ID_COLUMNS, LAYOUT_COLUMNS, SMALL_COLUMNS, TEMPLATE_COLUMNS, type IdColumns, type LayoutColumns } from './block-columns.ts'
import type { BlockParts } from './day-file.ts'
import { ByteReader } from '../byte-stream.ts'
import { orderOf } from './groups.ts'
import { distancesToOffsets } from './field-offsets.ts'
import { readNumbers, readNumbersInto, scatter } from './number-codec.ts'
import { unpack } from './packing.ts'
import { readDifferences, readTimes } from './time-codec.ts'

export interface BlockHead { readonly rows: number; readonly firstSeq: number }

/**
 * The block as a batch with its rows in seq order. Each part is unpacked when one of its columns is first asked for, so a
 * search for a node never touches the text. Throws, then or here, when a part is damaged.
 */
export function decodeBlock(head: BlockHead, parts: BlockParts): Batch {
  return new SealedBatch(head, parts)
}

/** A class for its prototype's getters: with closures each block would be an object of another shape to the matcher. */
class SealedBatch implements Batch {
  readonly rows: number
  readonly firstSeq: number
  readonly receivedMs: Float64Array
  readonly #parts: BlockParts
  readonly #order: Uint16Array
  #idColumns: IdColumns | undefined
  #layoutColumns: LayoutColumns | undefined
  #starts: Uint32Array | undefined
  #bytes: Uint8Array | undefined

  constructor({ rows, firstSeq }: BlockHead, parts: BlockParts) {
    this.rows = rows
    this.firstSeq = firstSeq
    this.#parts = parts
    const times = new ByteReader(unpack(parts.times))
    const groupCount = times.u32()
    const index = Uint16Array.from(readNumbers(times, rows))
    if (groupCount > rows || index.some((group) => group >= groupCount)) throw new RangeError('a row is in a group that does not exist')
    this.receivedMs = readTimes(times, rows)
    this.#order = orderOf(index, groupCount)
  }

  #ids(): IdColumns {
    return (this.#idColumns ??= readIds(this.#parts.ids, this.#order))
  }

  #layout(): LayoutColumns {
    return (this.#layoutColumns ??= readLayout(this.#parts.layout, this.#order))
  }

  get capacityRows(): number {
    return this.rows
  }
  get buffer(): ArrayBuffer {
    return this.receivedMs.buffer as ArrayBuffer
  }
  get byteCount(): number {
    return this.bytes.length
  }
  get bytes(): Uint8Array {
    return (this.#bytes ??= readFrames(this.#parts.frames, this.frameLen))
  }
  get frameStart(): Uint32Array {
    return (this.#starts ??= startsOf(this.frameLen, this.#order))
  }
  // not stored: they live only between socket and commit
  get printkUs(): Float64Array {
    return new Float64Array(this.rows).fill(Number.NaN)
  }
  get hostRef(): Uint32Array {
    return new Uint32Array(this.rows)
  }
  get framing(): Uint8Array {
    return new Uint8Array(this.rows)
  }
  get source(): Uint32Array {
    return this.#ids().source
  }
  get node(): Uint32Array {
    return this.#ids().node
  }
  get session(): Uint32Array {
    return this.#ids().session
  }
  get templateLo(): Uint32Array {
    return this.#ids().templateLo
  }
  get templateHi(): Uint32Array {
    return this.#ids().templateHi
  }
  get method(): Uint8Array {
    return this.#ids().method
  }
  get confidence(): Uint8Array {
    return this.#ids().confidence
  }
  get sentMs(): Float64Array {
    return this.#ids().sentMs
  }
  get hostOff(): Uint16Array {
    return this.#layout().hostOff
  }
  get hostLen(): Uint16Array {
    return this.#layout().hostLen
  }
  get appOff(): Uint16Array {
    return this.#layout().appOff
  }
  get appLen(): Uint16Array {
    return this.#layout().appLen
  }
  get procOff(): Uint16Array {
    return this.#layout().procOff
  }
  get procLen(): Uint16Array {
    return this.#layout().procLen
  }
  get msgidOff(): Uint16Array {
    return this.#layout().msgidOff
  }
  get msgidLen(): Uint16Array {
    return this.#layout().msgidLen
  }
  get sdOff(): Uint16Array {
    return this.#layout().sdOff
  }
  get sdLen(): Uint16Array {
    return this.#layout().sdLen
  }
  get textOff(): Uint16Array {
    return this.#layout().textOff
  }
  get textLen(): Uint16Array {
    return this.#layout().textLen
  }
  get frameLen(): Uint16Array {
    return this.#layout().frameLen
  }
  get labelOff(): Uint16Array {
    return this.#layout().labelOff
  }
  get labelLen(): Uint16Array {
    return this.#layout().labelLen
  }
  get hints(): Uint16Array {
    return this.#layout().hints
  }
  get faults(): Uint32Array {
    return this.#layout().faults
  }
  get pri(): Uint8Array {
    return this.#layout().pri
  }
  get format(): Uint8Array {
    return this.#layout().format
  }
}

function readIds(part: Buffer, order: Uint16Array): IdColumns {
  const rows = order.length
  const from = new ByteReader(unpack(part))
  const columns = emptyIds(rows)
  for (const name of ID_COLUMNS) scatter(readDifferences(from, rows), order, columns[name])
  for (const name of TEMPLATE_COLUMNS) readNumbersInto(from, order, columns[name])
  for (const name of SMALL_COLUMNS) readNumbersInto(from, order, columns[name])
  scatter(readTimes(from, rows), order, columns.sentMs)
  return columns
}

function readLayout(part: Buffer, order: Uint16Array): LayoutColumns {
  const from = new ByteReader(unpack(part))
  const columns = emptyLayout(order.length)
  for (const name of LAYOUT_COLUMNS) readNumbersInto(from, order, columns[name])
  distancesToOffsets(columns, order.length)
  return columns
}

function startsOf(lengths: Uint16Array, order: Uint16Array): Uint32Array {
  const starts = new Uint32Array(order.length)
  let at = 0
  for (const row of order) {
    starts[row] = at
    at += lengths[row]
  }
  return starts
}

function readFrames(part: Buffer, lengths: Uint16Array): Uint8Array {
  const bytes = unpack(part)
  const wanted = lengths.reduce((sum, length) => sum + length, 0)
  if (bytes.length !== wanted) throw new RangeError(`a block holds ${bytes.length} bytes of frames instead of ${wanted}`)
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
}
