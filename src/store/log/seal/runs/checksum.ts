import { crc32 } from 'node:zlib'

/** Bytes and their CRC-32 behind them (u32): lists, token indexes and shapes, which a flipped bit would make lie in silence. Heads and blocks have theirs from `packStreams`. */
const CRC_BYTES = 4

export function withChecksum(bytes: Buffer): Buffer {
  const kept = Buffer.allocUnsafe(bytes.length + CRC_BYTES)
  bytes.copy(kept)
  kept.writeUInt32LE(crc32(bytes), bytes.length)
  return kept
}

/** Throws RangeError when the checksum does not hold. */
export function withoutChecksum(kept: Buffer): Buffer {
  const bytes = kept.subarray(0, -CRC_BYTES)
  if (kept.length < CRC_BYTES || crc32(bytes) !== kept.readUInt32LE(bytes.length)) throw new RangeError('the checksum does not hold')
  return bytes
}
