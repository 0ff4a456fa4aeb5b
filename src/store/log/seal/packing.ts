import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'

/** One zstd frame with its own checksum, behind the length of what is in it (u32). */
const MAX_UNPACKED_BYTES = 1 << 28

export function pack(bytes: Uint8Array, level: number): Buffer {
  const packed = zstdCompressSync(bytes, {
    chunkSize: 64 * 1024,
    params: { [constants.ZSTD_c_compressionLevel]: level, [constants.ZSTD_c_checksumFlag]: 1 },
  })
  const blob = Buffer.allocUnsafe(4 + packed.length)
  blob.writeUInt32LE(bytes.length)
  packed.copy(blob, 4)
  return blob
}

/** Throws when the bytes are damaged. */
export function unpack(blob: Buffer): Buffer {
  const length = blob.readUInt32LE(0)
  if (length > MAX_UNPACKED_BYTES) throw new RangeError(`a blob claims to hold ${length} bytes`)
  const bytes = zstdDecompressSync(blob.subarray(4), { chunkSize: Math.max(64, length), maxOutputLength: Math.max(64, length) })
  if (bytes.length !== length) throw new RangeError(`a blob holds ${bytes.length} bytes instead of ${length}`)
  return bytes
}
