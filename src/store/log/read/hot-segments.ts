import { closeSync, fstatSync, openSync } from 'node:fs'
import { listSegments, segmentPath } from '../segments/files.ts'
import { decodeSegmentHeader, SEGMENT_HEADER_BYTES } from '../segments/format.ts'
import { readFully, scanRecords, type FoundRecord } from '../segments/scan.ts'
import { readWatermark, type WatermarkShared } from '../segments/watermark.ts'

/** A record of a segment that is not sealed yet, as something to search. */
export interface RecordChunk {
  readonly kind: 'record'
  readonly segment: number
  readonly fd: number
  readonly record: FoundRecord
  readonly firstSeq: number
  readonly rows: number
  readonly minMs: number
  readonly maxMs: number
}

/** The segments that can be read now. Without a watermark (tools beside a stopped hub) every checksum is computed. */
export interface HotSegments {
  /** Looks at the disk again. Open segments stay readable until the next call, also when they are sealed meanwhile. */
  refresh(): void
  readonly numbers: ReadonlySet<number>
  /** Records of all segments but `sealed`, in order of seq. */
  chunks(sealed: ReadonlySet<number>): RecordChunk[]
  bytes(): number
  /** Places in open segments that cannot be read. */
  damaged(): string[]
  close(): void
}

interface OpenSegment { readonly fd: number; readonly isReadable: boolean; readonly chunks: RecordChunk[]; readonly damaged: string[]; scannedBytes: number; endBytes: number }

export function openHotSegments(directory: string, watermark: WatermarkShared | undefined): HotSegments {
  const open = new Map<number, OpenSegment>()
  const numbers = new Set<number>()

  const forget = (number: number, segment: OpenSegment): void => {
    closeSync(segment.fd)
    open.delete(number)
    numbers.delete(number)
  }

  const look = (number: number, endBytes: number | undefined): void => {
    const segment = open.get(number) ?? openSegment(directory, number)
    if (segment === undefined) return
    open.set(number, segment)
    numbers.add(number)
    if (segment.isReadable) extend(number, segment, endBytes)
  }

  const extend = (number: number, segment: OpenSegment, endBytes: number | undefined): void => {
    segment.endBytes = endBytes ?? fstatSync(segment.fd).size
    if (segment.scannedBytes >= segment.endBytes) return
    const scan = scanRecords(segment.fd, { fromBytes: segment.scannedBytes, toBytes: segment.endBytes, check: watermark === undefined ? 'bodies' : 'headers' })
    for (const record of scan.records) {
      segment.chunks.push({ kind: 'record', segment: number, fd: segment.fd, record, firstSeq: record.firstSeq, rows: record.rows, minMs: record.minMs, maxMs: record.maxMs })
    }
    // without a watermark the end may be half-written: it is looked at again next time and is no damage
    const isEndOpen = watermark === undefined && scan.damaged.at(-1)?.endBytes === segment.endBytes
    for (const span of isEndOpen ? scan.damaged.slice(0, -1) : scan.damaged) segment.damaged.push(`segment ${number}: bytes ${span.offset} to ${span.endBytes}`)
    segment.scannedBytes = isEndOpen ? scan.endBytes : segment.endBytes
  }

  return {
    numbers,
    damaged: () => [...open.values()].flatMap((segment) => segment.damaged),
    refresh() {
      const mark = watermark === undefined ? undefined : readWatermark(watermark)
      const listed = listSegments(directory).filter((number) => mark === undefined || number <= mark.segment)
      const present = new Set(listed)
      for (const [number, segment] of open) if (!present.has(number)) forget(number, segment)
      for (const number of listed) look(number, mark?.segment === number ? mark.endBytes : undefined)
    },
    chunks(sealed) {
      const chunks = [...open].filter(([number]) => !sealed.has(number)).flatMap(([, segment]) => segment.chunks)
      return chunks.sort((a, b) => a.firstSeq - b.firstSeq)
    },
    bytes: () => [...open.values()].reduce((sum, segment) => sum + segment.endBytes, 0),
    close() {
      for (const [number, segment] of open) forget(number, segment)
    },
  }
}

/** @returns undefined when the segment is gone (it has been sealed since it was listed) or has not begun */
function openSegment(directory: string, number: number): OpenSegment | undefined {
  let fd: number
  try {
    fd = openSync(segmentPath(directory, number), 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  const header = Buffer.alloc(SEGMENT_HEADER_BYTES)
  if (fstatSync(fd).size < SEGMENT_HEADER_BYTES) {
    closeSync(fd)
    return undefined
  }
  readFully(fd, header, 0)
  const isReadable = typeof decodeSegmentHeader(header) === 'object'
  const damaged = isReadable ? [] : [`segment ${number}: its header is damaged or of another version`]
  return { fd, isReadable, chunks: [], damaged, scannedBytes: SEGMENT_HEADER_BYTES, endBytes: SEGMENT_HEADER_BYTES }
}
