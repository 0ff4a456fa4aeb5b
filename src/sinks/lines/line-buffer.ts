/** Bytes of lines that wait to be written; grows to what the longest line needs, and is used again. */
export interface LineBuffer {
  bytes: Buffer
  length: number
}

const FIRST_BYTES = 1024 * 1024 + 64 * 1024

export const createLineBuffer = (): LineBuffer => ({ bytes: Buffer.allocUnsafe(FIRST_BYTES), length: 0 })

/** Makes room for `bytes` more. */
export function reserve(out: LineBuffer, bytes: number): void {
  if (out.length + bytes <= out.bytes.length) return
  const larger = Buffer.allocUnsafe(Math.max(out.bytes.length * 2, out.length + bytes))
  out.bytes.copy(larger, 0, 0, out.length)
  out.bytes = larger
}

export function put(out: LineBuffer, text: string): void {
  reserve(out, text.length * 3) // a UTF-16 unit is three bytes of UTF-8 at most
  out.length += out.bytes.write(text, out.length)
}

export function putByte(out: LineBuffer, byte: number): void {
  reserve(out, 1)
  out.bytes[out.length++] = byte
}

export function putBytes(out: LineBuffer, bytes: Uint8Array): void {
  reserve(out, bytes.length)
  out.bytes.set(bytes, out.length)
  out.length += bytes.length
}
