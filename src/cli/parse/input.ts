import { CliFault, EXIT } from '../exit.ts'

/** One message as it was given: a line of the input, or a frame of a stream. */
export interface GivenLine {
  /** From 1. */
  readonly number: number
  readonly bytes: Uint8Array
  /** What the framing noted. */
  readonly faults: number
}

/** Kept of one line: a byte more than any frame has, so that the reader sees that it is too long. */
const MAX_KEPT_BYTES = 65_536

/** What ends a message in the input. */
export const LINE_END = { newline: 10, nul: 0 } as const

/** Takes pieces apart at `end`; each part is one datagram, without its end. A last part without one counts. */
export async function* splitLines(pieces: AsyncIterable<Uint8Array>, end: number): AsyncGenerator<GivenLine> {
  let kept = Buffer.alloc(0)
  let isOpen = false
  let number = 0
  for await (const piece of pieces) {
    let from = 0
    for (let at = piece.indexOf(end); at >= 0; at = piece.indexOf(end, from)) {
      yield { number: ++number, bytes: join(kept, piece.subarray(from, at)), faults: 0 }
      kept = Buffer.alloc(0)
      isOpen = false
      from = at + 1
    }
    if (from < piece.length) {
      kept = join(kept, piece.subarray(from))
      isOpen = true
    }
  }
  if (isOpen) yield { number: number + 1, bytes: kept, faults: 0 }
}

const join = (kept: Uint8Array, more: Uint8Array): Buffer<ArrayBuffer> => Buffer.concat([kept, more.subarray(0, Math.max(0, MAX_KEPT_BYTES - kept.length))])

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', 0: '\0', '\\': '\\' }

/** A line of `--hex` as the bytes it stands for: hexadecimal digits with or without blanks, colons and `0x`, else text with \n \r \t \0 \\ and \xNN. */
export function fromHex({ number, bytes, faults }: GivenLine): GivenLine {
  const text = Buffer.from(bytes).toString('utf8').trimEnd()
  const digits = text.replace(/0x|[\s:,]/gi, '')
  if (digits !== '' && /^[0-9a-f]*$/i.test(digits)) {
    if (digits.length % 2 === 1) throw new CliFault(EXIT.usage, `line ${number} has an odd number of hexadecimal digits`, { hint: 'each byte is written with two' })
    return { number, bytes: Buffer.from(digits, 'hex'), faults }
  }
  const parts = text.match(/\\x[0-9a-f]{2}|\\[nrt0\\]|\\|[^\\]+/gi) ?? []
  return { number, bytes: Buffer.concat(parts.map((part) => (/^\\x./i.test(part) ? Buffer.from(part.slice(2), 'hex') : Buffer.from((part.length === 2 && part.startsWith('\\') ? ESCAPES[part[1]!] : undefined) ?? part)))), faults }
}
