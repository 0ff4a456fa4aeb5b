import { constants, crc32, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { ByteReader, ByteWriter } from '../byte-stream.ts'
import type { ColumnSink, ColumnSource } from '../columns/column-streams.ts'

/** Both streams of a head or block as one blob: lengths, the soft stream as a zstd frame, the dense one as it is, CRC-32 of all before it (u32). */
const CRC_BYTES = 4
/** Nothing that is written comes near: a larger length is damage and is not believed. */
const MAX_SOFT_BYTES = 1 << 26

/** Clears the sink and `lead`, which goes before the soft stream. */
export function packStreams({ soft, dense }: ColumnSink, { level, lead }: { readonly level: number; readonly lead?: ByteWriter }): Buffer {
  const whole = lead === undefined || lead.length === 0 ? soft.bytes() : Buffer.concat([lead.bytes(), soft.bytes()])
  const packed = whole.length === 0 ? whole : zstdCompressSync(whole, { chunkSize: 32 * 1024, params: { [constants.ZSTD_c_compressionLevel]: level } })
  const lengths = new ByteWriter(16)
  lengths.varint(whole.length)
  lengths.varint(packed.length)
  const blob = Buffer.allocUnsafe(lengths.length + packed.length + dense.length + CRC_BYTES)
  lengths.bytes().copy(blob, 0)
  packed.copy(blob, lengths.length)
  dense.bytes().copy(blob, lengths.length + packed.length)
  blob.writeUInt32LE(crc32(blob.subarray(0, -CRC_BYTES)), blob.length - CRC_BYTES)
  soft.clear()
  dense.clear()
  lead?.clear()
  return blob
}

/** Throws RangeError when the checksum does not hold. */
export function unpackStreams(blob: Buffer): ColumnSource {
  if (blob.length < CRC_BYTES || crc32(blob.subarray(0, -CRC_BYTES)) !== blob.readUInt32LE(blob.length - CRC_BYTES)) throw new RangeError('the checksum does not hold')
  const from = new ByteReader(blob.subarray(0, -CRC_BYTES))
  const softBytes = from.varint()
  const packed = from.take(from.varint())
  if (softBytes > MAX_SOFT_BYTES) throw new RangeError(`a block claims to hold ${softBytes} bytes`)
  const soft = softBytes === 0 ? packed : zstdDecompressSync(packed, { chunkSize: Math.max(64, softBytes), maxOutputLength: Math.max(64, softBytes) })
  if (soft.length !== softBytes) throw new RangeError(`a block holds ${soft.length} bytes instead of ${softBytes}`)
  return { soft: new ByteReader(soft), dense: new ByteReader(blob.subarray(from.position, -CRC_BYTES)) }
}

