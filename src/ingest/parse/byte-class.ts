/** Classes of bytes that words of a header may hold: one look-up a byte where many comparisons would be. */
function classOf(isIn: (byte: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => (isIn(byte) ? 1 : 0))
}

const isAlphanumeric = (byte: number): boolean => (byte >= 48 && byte <= 57) || (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122)
/** What begins or builds JSON, key=value, CSV, quotes and paths of Windows: a word with one of these is no tag. */
const NO_TAG = new Set(Buffer.from(':["\'=<>{}|,;`]\x7f'))

/** A byte of a tag (RFC 3164 section 4.1.3 wants alphanumerics; programs write `-`, `_`, `/`, `.`, `%`, `#`, `(`, `@` and others). */
export const TAG_BYTE: Uint8Array = classOf((byte) => byte > 32 && !NO_TAG.has(byte))
/** A byte of a host's name or IPv4 address. */
export const NAME_BYTE: Uint8Array = classOf((byte) => isAlphanumeric(byte) || '-._'.includes(String.fromCharCode(byte)))
/** A byte of a host's name or any address; `%` names the interface of an IPv6 address (RFC 4007 section 11). */
export const HOST_BYTE: Uint8Array = classOf((byte) => isAlphanumeric(byte) || '-._:%'.includes(String.fromCharCode(byte)))
