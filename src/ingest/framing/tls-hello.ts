import { readOctetCount, type CountOutcome } from './octet-count.ts'

/** TLS handshake record (RFC 8446 section 5.1): type, legacy version 3.0 … 3.4, length. */
const HANDSHAKE = 22
const MAJOR = 3
const MAX_MINOR = 4
const HEADER_BYTES = 5

const LINE = { kind: 'line' } as const
const OPEN = { kind: 'open' } as const

/** What a connection begins with: a count, a line, or a TLS record, all of which is one frame and not as many lines as it has zero bytes. */
export function readStreamStart(bytes: Uint8Array, from: number, end: number): CountOutcome {
  const hello = readTlsHello(bytes, from, end)
  return hello.kind === 'line' ? readOctetCount(bytes, from, end) : hello
}

function readTlsHello(bytes: Uint8Array, from: number, end: number): CountOutcome {
  if (from < end && bytes[from] !== HANDSHAKE) return LINE
  if (from + 1 < end && bytes[from + 1] !== MAJOR) return LINE
  if (from + 2 < end && bytes[from + 2]! > MAX_MINOR) return LINE
  if (from + HEADER_BYTES > end) return OPEN
  return { kind: 'count', length: HEADER_BYTES + bytes[from + 3]! * 256 + bytes[from + 4]!, at: from }
}
