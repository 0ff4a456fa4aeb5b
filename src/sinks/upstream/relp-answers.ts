/** `TXNR SP COMMAND SP DATALEN [SP DATA] LF` (librelp's specification, protocol version 0), as a server writes it. */
const HEAD = /^(\d{1,9}) ([A-Za-z]{1,32}) (\d{1,9})([ \n])/
const MAX_HEAD_BYTES = 56
/** Answers are short; offers have some lines. */
const MAX_DATA_BYTES = 16 * 1024
const NEWLINE = 10

export interface RelpAnswer { readonly transaction: number; readonly command: string; readonly data: string }

/** Reads answers from a stream in any split. */
export class RelpAnswers {
  #rest: Buffer = Buffer.alloc(0)

  /** @returns what is whole; undefined: this is no RELP, and nothing more can be read */
  take(chunk: Uint8Array): readonly RelpAnswer[] | undefined {
    const bytes = this.#rest.length === 0 ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length) : Buffer.concat([this.#rest, chunk])
    const answers: RelpAnswer[] = []
    let at = 0
    while (at < bytes.length) {
      const head = bytes.toString('latin1', at, at + MAX_HEAD_BYTES)
      const found = HEAD.exec(head)
      if (found === null) {
        if (head.length >= MAX_HEAD_BYTES || !/^\d{1,9}(?: (?:[A-Za-z]{1,32}(?: \d{0,9})?)?)?$/.test(head)) return undefined
        break
      }
      const [, transaction, command, length, mark] = found
      const dataBytes = Number(length)
      if (dataBytes > MAX_DATA_BYTES || (mark === '\n' && dataBytes > 0)) return undefined
      // some servers write a blank behind a length of 0, some do not
      const dataAt = at + found[0].length - (mark === '\n' ? 1 : 0)
      const end = dataAt + dataBytes
      if (end >= bytes.length) break
      if (bytes[end] !== NEWLINE) return undefined
      answers.push({ transaction: Number(transaction), command: command!, data: bytes.toString('latin1', dataAt, end) })
      at = end + 1
    }
    this.#rest = Buffer.from(bytes.subarray(at))
    return answers
  }
}
