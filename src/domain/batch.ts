/**
 * The packed batch: what passes between the threads instead of objects. One buffer holds the received bytes and a column
 * per field for up to `capacityRows` messages. Those that ingest fills lie in shared memory: the log writer and the rules
 * read the same bytes, and nobody writes while another may read (docs/decisions/0005).
 *
 * Spans are offsets *within the frame* (`frameStart[row] + textOff[row]`), 16 bits each, since a frame is at most
 * `MAX_FRAME_BYTES`. The columns marked `stored` are what a segment keeps; the rest lives only between socket and commit.
 */

/** Longest frame kept; a longer one is cut here, marked `truncated` and counted. */
export const MAX_FRAME_BYTES = 65_535
export const BATCH_ROWS = 8192
/** Room for received bytes; a frame is only put in when it fits whole. */
export const BATCH_BYTES = 2 * 1024 * 1024

/** Facts that the parser found on the way and that the next stops need; bits of the `hints` column. */
export const HINT = {
  /** The text is the kernel's first line, `Linux version …` (behind an optional printk stamp). */
  kernelBanner: 1,
  /** The text begins with a printk clock `[ 12.345678] `; `printkUs` holds it. */
  printkClock: 2,
  /** A session label was found (structured data, `[s=…]` prefix, iPXE domain, `hps.session=` on a kernel command line). */
  label: 4,
  /** APP-NAME is `hps-session`. */
  announcement: 8,
  /** APP-NAME is `hps-ack`. */
  ack: 16,
  /** APP-NAME is `hps-trigger`. */
  trigger: 32,
  /** APP-NAME is that of a DHCP server (`dnsmasq-dhcp`, `dhcpd`, `kea-dhcp4`, `kea-dhcp6`, `udhcpd`): the line may speak of another node. */
  dhcp: 64,
  /** APP-NAME is that of a TFTP server (`dnsmasq-tftp`, `in.tftpd`, `atftpd`, `tftpd`). */
  tftp: 128,
  /** iPXE's own line. */
  ipxe: 256,
  /** Facility kern or APP-NAME `kernel`. */
  kernel: 512,
  /** A label names a stage (`stage="…"` in its structured data, `st=…` in its prefix), whatever the word is worth. */
  stage: 1024,
  /** HPS's own shapes: APP-NAME is `hps`, `hps[function]`, `hps-…`; the text may name a node by name or MAC, a step and a severity. */
  hps: 2048,
  /** The message carries a number of a sequence: `q` of a label, `meta sequenceId`, a Cisco or kernel sequence number. */
  sequence: 4096,
  /** The first message of a RELP connection: what the one before did not see acknowledged comes again here. */
  opening: 8192,
} as const

type ColumnType = 'f64' | 'u32' | 'u16' | 'u8'
interface Column { readonly name: string; readonly type: ColumnType; readonly stored: boolean }

/** Order is part of the segment format (widest first, so that every column is aligned). Append only; raise the segment version on change. */
export const COLUMNS = [
  { name: 'receivedMs', type: 'f64', stored: true },
  { name: 'sentMs', type: 'f64', stored: true }, // NaN: none
  { name: 'printkUs', type: 'f64', stored: false }, // NaN: none; microseconds since the kernel started
  { name: 'frameStart', type: 'u32', stored: true },
  { name: 'faults', type: 'u32', stored: true }, // bits of PARSE_FAULTS
  { name: 'source', type: 'u32', stored: true }, // ingest: interned ref; after the writer: sources.id
  { name: 'node', type: 'u32', stored: true }, // writer: nodes.id, 0 none
  { name: 'session', type: 'u32', stored: true }, // writer: sessions.id, 0 none
  { name: 'templateLo', type: 'u32', stored: true },
  { name: 'templateHi', type: 'u32', stored: true },
  { name: 'hostRef', type: 'u32', stored: false }, // interned HOSTNAME, 0 none: equal refs are equal bytes within one epoch
  { name: 'frameLen', type: 'u16', stored: true },
  { name: 'hostOff', type: 'u16', stored: true },
  { name: 'hostLen', type: 'u16', stored: true },
  { name: 'appOff', type: 'u16', stored: true },
  { name: 'appLen', type: 'u16', stored: true },
  { name: 'procOff', type: 'u16', stored: true },
  { name: 'procLen', type: 'u16', stored: true },
  { name: 'msgidOff', type: 'u16', stored: true },
  { name: 'msgidLen', type: 'u16', stored: true },
  { name: 'sdOff', type: 'u16', stored: true },
  { name: 'sdLen', type: 'u16', stored: true },
  { name: 'labelOff', type: 'u16', stored: true },
  { name: 'labelLen', type: 'u16', stored: true },
  { name: 'textOff', type: 'u16', stored: true },
  { name: 'textLen', type: 'u16', stored: true },
  { name: 'hints', type: 'u16', stored: true },
  { name: 'pri', type: 'u8', stored: true },
  { name: 'format', type: 'u8', stored: true }, // index of FORMATS
  { name: 'method', type: 'u8', stored: true }, // index of IDENTITY_METHODS
  { name: 'confidence', type: 'u8', stored: true }, // 0–100
  { name: 'framing', type: 'u8', stored: false }, // index of FRAMINGS
] as const satisfies readonly Column[]

const CONSTRUCTOR = { f64: Float64Array, u32: Uint32Array, u16: Uint16Array, u8: Uint8Array } as const
interface ViewConstructor { new (buffer: ArrayBufferLike, byteOffset: number, length: number): Columns[ColumnName]; readonly BYTES_PER_ELEMENT: number }
type Named<N extends string, T extends ColumnType> = Extract<(typeof COLUMNS)[number], { type: T; name: N }>['name']
export type ColumnName = (typeof COLUMNS)[number]['name']
export type Columns = {
  readonly [N in ColumnName]: N extends Named<N, 'f64'> ? Float64Array : N extends Named<N, 'u32'> ? Uint32Array : N extends Named<N, 'u16'> ? Uint16Array : Uint8Array
}

export interface Batch extends Columns {
  readonly buffer: ArrayBufferLike
  readonly capacityRows: number
  /** Received bytes; the first `byteCount` are used. */
  readonly bytes: Uint8Array
  rows: number
  byteCount: number
  /** The seq of row 0, set by the writer at commit; row r is `firstSeq + r`, unless there are `seqs`. */
  firstSeq: number
  /** Of stored rows that do not follow each other. */
  readonly seqs?: Float64Array | undefined
}

/** A batch as it is sent: its buffer, shared or transferred, and everything that is not in it. */
export interface BatchHeader {
  readonly buffer: ArrayBufferLike
  readonly capacityRows: number
  readonly byteCapacity: number
  readonly rows: number
  readonly byteCount: number
  readonly firstSeq: number
}

export function createBatch(capacityRows = BATCH_ROWS, byteCapacity = BATCH_BYTES): Batch {
  return openBatch({ buffer: new ArrayBuffer(batchBytes(capacityRows, byteCapacity)), capacityRows, byteCapacity, rows: 0, byteCount: 0, firstSeq: 0 })
}

/** Of the pool that ingest fills: in memory that all threads may read. */
export function createSharedBatch(): Batch {
  const buffer = new SharedArrayBuffer(batchBytes(BATCH_ROWS, BATCH_BYTES))
  return openBatch({ buffer, capacityRows: BATCH_ROWS, byteCapacity: BATCH_BYTES, rows: 0, byteCount: 0, firstSeq: 0 })
}

function batchBytes(capacityRows: number, byteCapacity: number): number {
  let size = byteCapacity
  for (const column of COLUMNS) size += CONSTRUCTOR[column.type].BYTES_PER_ELEMENT * capacityRows
  return size
}

/** Lays the views over a buffer that arrived from another thread. `capacityRows` must be a multiple of 8 (alignment). */
export function openBatch(header: BatchHeader): Batch {
  const { buffer, capacityRows, byteCapacity } = header
  const views: Record<string, unknown> = {}
  let offset = 0
  for (const column of COLUMNS) {
    const Column: ViewConstructor = CONSTRUCTOR[column.type]
    views[column.name] = new Column(buffer, offset, capacityRows)
    offset += Column.BYTES_PER_ELEMENT * capacityRows
  }
  return {
    ...(views as unknown as Columns),
    buffer,
    capacityRows,
    bytes: new Uint8Array(buffer, offset, byteCapacity),
    rows: header.rows,
    byteCount: header.byteCount,
    firstSeq: header.firstSeq,
  }
}

/** The header to post. Whoever posts it gives the batch away; a buffer that is not shared goes into the transfer list. */
export function packBatch(batch: Batch): BatchHeader {
  return {
    buffer: batch.buffer,
    capacityRows: batch.capacityRows,
    byteCapacity: batch.bytes.length,
    rows: batch.rows,
    byteCount: batch.byteCount,
    firstSeq: batch.firstSeq,
  }
}

/**
 * A copy of the used part only, which another thread may own (live tail): a quiet hub copies bytes, not megabytes.
 */
export function copyBatch(batch: Batch): Batch & { readonly buffer: ArrayBuffer } {
  const { rows, byteCount } = batch
  const capacityRows = Math.max(8, (rows + 7) & ~7)
  const buffer = new ArrayBuffer(batchBytes(capacityRows, byteCount))
  const copy = openBatch({ buffer, capacityRows, byteCapacity: byteCount, rows, byteCount, firstSeq: batch.firstSeq })
  for (const { name } of COLUMNS) (copy[name] as Uint8Array).set((batch[name] as Uint8Array).subarray(0, rows))
  copy.bytes.set(batch.bytes.subarray(0, byteCount))
  return { ...copy, buffer }
}

/** The bytes of one field of one row: a view, valid while the batch is. */
export function span(batch: Batch, row: number, offset: number, length: number): Uint8Array {
  const start = batch.frameStart[row]! + offset
  return batch.bytes.subarray(start, start + length)
}

/** The seq of a row, whether or not the batch has gaps. */
export const seqOf = (batch: Batch, row: number): number => (batch.seqs === undefined ? batch.firstSeq + row : batch.seqs[row]!)
