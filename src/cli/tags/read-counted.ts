import { CliFault, EXIT } from '../exit.ts'

/** Longest length before a message: seven digits are more than any frame has. */
const MAX_LENGTH_DIGITS = 7

/** Messages of a stream that has the length of each before it (RFC 6587 section 3.4.1), as the hub exports them. Throws CliFault where it is none. */
export async function* readCounted(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held = Buffer.alloc(0)
  for await (const chunk of stream) {
    held = held.length === 0 ? Buffer.from(chunk) : Buffer.concat([held, chunk])
    let at = 0
    for (;;) {
      const blank = held.indexOf(0x20, at)
      const digits = held.toString('latin1', at, blank < 0 ? Math.min(held.length, at + MAX_LENGTH_DIGITS + 1) : blank)
      if (digits !== '' && (!/^\d+$/.test(digits) || digits.length > MAX_LENGTH_DIGITS)) throw new CliFault(EXIT.failed, 'the hub sent something else than counted messages')
      const end = blank < 0 ? -1 : blank + 1 + Number(digits)
      if (end < 0 || end > held.length) break
      yield held.subarray(blank + 1, end)
      at = end
    }
    held = held.subarray(at)
  }
}
