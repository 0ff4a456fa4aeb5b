import { zstdDecompressSync } from 'node:zlib'

const MAX_UNPACKED_BYTES = 1 << 28

/** A part: the length of what is in it (u32), then one zstd frame with its own checksum. Throws when the bytes are damaged. */
export function unpack(blob: Buffer): Buffer {
  const length = blob.readUInt32LE(0)
  if (length > MAX_UNPACKED_BYTES) throw new RangeError(`a blob claims to hold ${length} bytes`)
  const bytes = zstdDecompressSync(blob.subarray(4), { chunkSize: Math.max(64, length), maxOutputLength: Math.max(64, length) })
  if (bytes.length !== length) throw new RangeError(`a blob holds ${bytes.length} bytes instead of ${length}`)
  return bytes
}
