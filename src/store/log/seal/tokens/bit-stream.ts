/** Bits one behind the other, lowest first. */

export class BitWriter {
  readonly #bytes: Uint8Array
  #at: number
  #word = 0
  #used = 0

  /** Fills `bytes` from `from` on; they must be long enough. */
  constructor(bytes: Uint8Array, from: number) {
    this.#bytes = bytes
    this.#at = from
  }

  /** Bits from the beginning of the bytes to where the next one goes. */
  get position(): number {
    return this.#at * 8 + this.#used
  }

  /** Appends the low `bits` ≤ 24 of `value`, which has no others. */
  put(value: number, bits: number): void {
    this.#word |= value << this.#used
    this.#used += bits
    while (this.#used >= 8) {
      this.#bytes[this.#at++] = this.#word
      this.#word >>>= 8
      this.#used -= 8
    }
  }

  /** Appends so many ones and a zero. */
  putUnary(ones: number): void {
    let rest = ones
    for (; rest > 16; rest -= 16) this.put(0xffff, 16)
    this.put((1 << rest) - 1, rest + 1)
  }

  /** Writes what is left of the last byte and answers the end in bytes. */
  finish(): number {
    if (this.#used > 0) this.#bytes[this.#at++] = this.#word
    this.#word = 0
    this.#used = 0
    return this.#at
  }
}

/** 25 or more bits from bit `at` on; the bytes must go on for four more. */
export function bitsAt(bytes: Uint8Array, at: number): number {
  const byte = at >>> 3
  return (bytes[byte] | (bytes[byte + 1] << 8) | (bytes[byte + 2] << 16) | (bytes[byte + 3] << 24)) >>> (at & 7)
}

/** Ones from bit `at` on before the first zero. */
export function onesAt(bytes: Uint8Array, at: number): number {
  let ones = 0
  for (;;) {
    const inverse = ~bitsAt(bytes, at + ones)
    const here = 31 - Math.clz32(inverse & -inverse)
    // 32 ones leave no zero to find
    if (inverse !== 0 && here < 24) return ones + here
    ones += 24
  }
}
