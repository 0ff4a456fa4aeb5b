/** Collects which tokens each block of a run has, while the run is encoded. */
import { encodeIndex } from './encode-index.ts'
import { MAX_PLACES, UNIVERSE_BITS } from './index-layout.ts'

/** Different tokens of a run that are counted; a run with more gets an index that says nothing. */
export const MAX_TOKENS = 1 << 20
const FIRST_SLOTS = 1 << 14
const HASH_FACTOR = 0x9e37_79b1
/** Tokens that were added lately, by their lowest bits: small numbers and parts of addresses come again and again, and this much stays in the nearest cache. */
const RECENT_SLOTS = 2048
const RECENT_MASK = RECENT_SLOTS - 1

export interface CollectorOptions {
  /** Bound of the places. A run that names one above 31 takes twice the memory. */
  readonly places: number
  /** A stranger is found in one of 2^bits lookups. */
  readonly universeBits?: number
  readonly maxTokens?: number
}

export class TokenCollector {
  readonly #maxPlaces: number
  readonly #universeBits: number
  readonly #maxTokens: number
  /** Entry: hash, places 0–31; with four words also places 32–63 and a 1. The last word of a free entry is 0. */
  #table: Uint32Array
  #words: 2 | 4 = 2
  #shift = 0
  #mask = 0
  #tokens = 0
  #places = 0
  #isOverfull = false
  /** Of the place below; 0 is free. */
  readonly #recent = new Int32Array(RECENT_SLOTS)
  #recentPlace = 0

  constructor({ places, universeBits = UNIVERSE_BITS, maxTokens = MAX_TOKENS }: CollectorOptions) {
    if (places > MAX_PLACES) throw new RangeError(`${places} places`)
    this.#maxPlaces = places
    this.#universeBits = universeBits
    this.#maxTokens = maxTokens
    this.#table = new Uint32Array(FIRST_SLOTS * this.#words)
    this.#useSlots(FIRST_SLOTS)
  }

  /** Different hashes since the last `finish`. */
  get tokens(): number {
    return this.#tokens
  }

  /** Had the run more different tokens than are counted? Its index then answers that anything may be anywhere. */
  get isOverfull(): boolean {
    return this.#isOverfull
  }

  /** Notes that the token with this 32-bit hash is in block `place`. @throws RangeError above the bound */
  add(hash: number, place: number): void {
    const recent = this.#recent
    const signed = hash | 0
    const slot = (signed ^ (signed >>> 16)) & RECENT_MASK
    if (place !== this.#recentPlace) this.#forgetRecent(place)
    if (recent[slot] === signed && signed !== 0) return
    recent[slot] = signed
    if (place >= this.#places) this.#raisePlaces(place)
    const key = hash >>> 0
    const table = this.#table
    const words = this.#words
    const mask = this.#mask
    const last = words - 1
    let at = (Math.imul(key, HASH_FACTOR) >>> this.#shift) * words
    while (table[at] !== key || table[at + last] === 0) {
      if (table[at + last] === 0) return this.#addNew(at, key, place)
      at = (at + words) & mask
    }
    table[at + 1 + (place >>> 5)] |= 1 << (place & 31)
  }

  #forgetRecent(place: number): void {
    this.#recent.fill(0)
    this.#recentPlace = place
  }

  #addNew(at: number, key: number, place: number): void {
    if (this.#tokens === this.#maxTokens) {
      this.#isOverfull = true
      return
    }
    const table = this.#table
    table[at] = key
    if (this.#words === 4) table[at + 3] = 1
    table[at + 1 + (place >>> 5)] = 1 << (place & 31)
    this.#tokens++
    if (this.#tokens * 2 * this.#words > this.#mask) this.#rebuild({ slots: ((this.#mask + 1) / this.#words) * 2, words: this.#words })
  }

  /** The index of everything added, over `places` blocks (at least those that were named); the collector is empty again. */
  finish(places = 0): Buffer {
    const tokens = this.#tokens
    const table = this.#table.subarray(0, this.#mask + 1)
    const index = encodeIndex({ table, words: this.#words, tokens, places: Math.max(places, this.#places), universeBits: this.#universeBits, isOverfull: this.#isOverfull })
    table.fill(0)
    this.#recent.fill(0)
    this.#tokens = 0
    this.#places = 0
    this.#isOverfull = false
    this.#words = 2
    // The next run is like this one: a table that fits stays in the processor's cache.
    this.#useSlots(Math.min(this.#table.length / 2, Math.max(FIRST_SLOTS, 2 ** Math.ceil(Math.log2(tokens * 2 + 1)))))
    return index
  }

  #useSlots(slots: number): void {
    this.#mask = slots * this.#words - 1
    this.#shift = 32 - Math.log2(slots)
  }

  #raisePlaces(place: number): void {
    if (place >= this.#maxPlaces) throw new RangeError(`place ${place} of at most ${this.#maxPlaces}`)
    this.#places = place + 1
    if (place >= 32 && this.#words === 2) this.#rebuild({ slots: (this.#mask + 1) / 2, words: 4 })
  }

  #rebuild({ slots, words }: { readonly slots: number; readonly words: 2 | 4 }): void {
    const before = this.#table.slice(0, this.#mask + 1)
    const step = this.#words
    if (slots * words > this.#table.length) this.#table = new Uint32Array(slots * words)
    else this.#table.fill(0, 0, slots * words)
    this.#words = words
    this.#useSlots(slots)
    const table = this.#table
    for (let from = 0; from < before.length; from += step) {
      if (before[from + step - 1] === 0) continue
      let at = (Math.imul(before[from], HASH_FACTOR) >>> this.#shift) * words
      while (table[at + words - 1] !== 0) at = (at + words) & this.#mask
      table[at] = before[from]
      table[at + 1] = before[from + 1]
      if (words === 4) {
        table[at + 2] = step === 4 ? before[from + 2] : 0
        table[at + 3] = 1
      }
    }
  }
}

/** A collector for runs of at most `places` ≤ 64 blocks; one serves run after run. */
export const createTokenCollector = (options: CollectorOptions): TokenCollector => new TokenCollector(options)
