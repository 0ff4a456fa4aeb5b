import { Arena } from './arena.ts'
import { hashBytes } from './hash.ts'
import { TimerHeap } from './timer-heap.ts'

const HEADER_BYTES = 8
/** Changed since it was last given out for writing. */
export const DIRTY = 1
/** It has a row on the disk. */
export const STORED = 2
/** It stays as long as its rule asks for it: not counted against the bounds of keys that come from messages. */
export const PINNED = 4

/** One rule's keys, oldest touched first. */
export interface Owner {
  readonly number: number
  /** Keys that may be dropped. */
  count: number
  oldest: number
  newest: number
}

export const createOwner = (number: number): Owner => ({ number, count: 0, oldest: -1, newest: -1 })

/**
 * Keys and what is known about them: a number (slot) for each key of each rule, found by an open hash table over the whole key,
 * its bytes in an arena, its time in a heap, its age in a list by rule. About 50 bytes a key beside the bytes of key and state.
 */
export class SlotStore {
  readonly arena = new Arena()
  readonly timers = new TimerHeap()
  readonly #seed: number
  #capacity = 0
  #table = new Int32Array(64).fill(-1)
  #hash = new Uint32Array(0)
  #owner = new Uint16Array(0)
  #address = new Int32Array(0)
  #older = new Int32Array(0)
  /** Of a free slot: the next free one. */
  #newer = new Int32Array(0)
  #touched = new Float64Array(0)
  flags = new Uint8Array(0)
  #free = -1
  #fresh = 0
  #touches = 0
  size = 0

  constructor(seed: number) {
    this.#seed = seed
  }

  /** @returns the slot of a key; -1: there is none */
  find(owner: Owner, key: Uint8Array, length: number): number {
    const hash = this.#hashOf(owner, key, length)
    const mask = this.#table.length - 1
    for (let place = hash & mask; ; place = (place + 1) & mask) {
      const slot = this.#table[place]!
      if (slot < 0) return -1
      if (this.#hash[slot] === hash && this.#owner[slot] === owner.number && this.#hasKey(slot, key, length)) return slot
    }
  }

  /** A key that is not there yet, its state all zeros. `pinned`: 0 or `PINNED`. */
  add(owner: Owner, key: Uint8Array, { length, stateBytes, pinned }: { readonly length: number; readonly stateBytes: number; readonly pinned: number }): number {
    const slot = this.#takeSlot()
    const padded = pad(stateBytes)
    const address = this.arena.allocate(HEADER_BYTES + padded + length)
    const at = this.arena.wordOf(address)
    const bytes = this.arena.u8At(address)
    this.arena.u32At(address)[at * 2] = stateBytes
    this.arena.u32At(address)[at * 2 + 1] = length
    bytes.fill(0, at * 8 + HEADER_BYTES, at * 8 + HEADER_BYTES + padded)
    const to = at * 8 + HEADER_BYTES + padded
    for (let i = 0; i < length; i++) bytes[to + i] = key[i]!
    this.#address[slot] = address
    this.#hash[slot] = this.#hashOf(owner, key, length)
    this.#owner[slot] = owner.number
    this.flags[slot] = pinned
    this.size++
    if (this.size * 2 > this.#table.length) this.#rehash(this.#table.length * 2)
    this.#enter(slot)
    if (pinned === 0) this.#append(owner, slot)
    return slot
  }

  remove(owner: Owner, slot: number): void {
    this.#leaveTable(slot)
    this.timers.remove(slot)
    if ((this.flags[slot]! & PINNED) === 0) this.#unlink(owner, slot)
    this.arena.free(this.#address[slot]!)
    this.flags[slot] = 0
    this.#newer[slot] = this.#free
    this.#free = slot
    this.size--
  }

  touch(owner: Owner, slot: number): void {
    if ((this.flags[slot]! & PINNED) !== 0) return
    if (owner.newest !== slot) {
      this.#unlink(owner, slot)
      this.#append(owner, slot)
    } else this.#touched[slot] = ++this.#touches
  }

  ownerOf(slot: number): number {
    return this.#owner[slot]!
  }
  /** A rising number of when it was last touched. */
  touchedAt(slot: number): number {
    return this.#touched[slot]!
  }
  /** The one that was touched before; -1: none. */
  olderThan(slot: number): number {
    return this.#older[slot]!
  }

  /** Numbers of the state; they begin at `wordOf`. Good until the next `add`, `resize` or `write`. */
  f64Of(slot: number): Float64Array {
    return this.arena.f64At(this.#address[slot]!)
  }
  u32Of(slot: number): Uint32Array {
    return this.arena.u32At(this.#address[slot]!)
  }
  wordOf(slot: number): number {
    return this.arena.wordOf(this.#address[slot]!) + 1
  }
  stateBytesOf(slot: number): number {
    const address = this.#address[slot]!
    return this.arena.u32At(address)[this.arena.wordOf(address) * 2]!
  }
  /** A view, good until the next `add`, `resize` or `write`. */
  stateOf(slot: number): Buffer {
    const address = this.#address[slot]!
    const from = this.arena.wordOf(address) * 8 + HEADER_BYTES
    return this.arena.u8At(address).subarray(from, from + this.stateBytesOf(slot))
  }
  keyOf(slot: number): Buffer {
    const address = this.#address[slot]!
    const at = this.arena.wordOf(address)
    const from = at * 8 + HEADER_BYTES + pad(this.stateBytesOf(slot))
    return this.arena.u8At(address).subarray(from, from + this.arena.u32At(address)[at * 2 + 1]!)
  }

  /** Makes room for a state of another length; what fits of the old one stays, new bytes are undefined. */
  resize(slot: number, stateBytes: number): void {
    const before = this.stateBytesOf(slot)
    if (before === stateBytes) return
    const old = this.#address[slot]!
    const oldAt = this.arena.wordOf(old) * 8
    const length = this.arena.u32At(old)[this.arena.wordOf(old) * 2 + 1]!
    const oldBytes = this.arena.u8At(old)
    const total = HEADER_BYTES + pad(stateBytes) + length
    const isSame = total <= this.arena.roomAt(old) && total * 2 > this.arena.roomAt(old)
    const address = isSame ? old : this.arena.allocate(total)
    const at = this.arena.wordOf(address) * 8
    const bytes = this.arena.u8At(address)
    const oldKeyAt = oldAt + HEADER_BYTES + pad(before)
    const keyAt = at + HEADER_BYTES + pad(stateBytes)
    // The key first where it moves up, so that neither overwrites the other: the state stays where it was or has another cell.
    bytes.set(oldBytes.subarray(oldKeyAt, oldKeyAt + length), keyAt)
    if (!isSame) {
      bytes.set(oldBytes.subarray(oldAt + HEADER_BYTES, oldAt + HEADER_BYTES + Math.min(before, stateBytes)), at + HEADER_BYTES)
      this.arena.free(old)
      this.arena.u32At(address)[at / 4 + 1] = length
      this.#address[slot] = address
    }
    this.arena.u32At(address)[at / 4] = stateBytes
  }

  write(slot: number, state: Uint8Array): void {
    this.resize(slot, state.length)
    const address = this.#address[slot]!
    this.arena.u8At(address).set(state, this.arena.wordOf(address) * 8 + HEADER_BYTES)
  }

  /** Memory of all of it, room that is free included. */
  get heldBytes(): number {
    return this.arena.heldBytes + this.#capacity * 43 + this.#table.length * 4
  }

  #hashOf(owner: Owner, key: Uint8Array, length: number): number {
    return hashBytes(key, length, this.#seed ^ Math.imul(owner.number + 1, 0x9e37_79b1))
  }

  #hasKey(slot: number, key: Uint8Array, length: number): boolean {
    const address = this.#address[slot]!
    const at = this.arena.wordOf(address)
    const u32 = this.arena.u32At(address)
    if (u32[at * 2 + 1] !== length) return false
    const bytes = this.arena.u8At(address)
    const from = at * 8 + HEADER_BYTES + pad(u32[at * 2]!)
    for (let i = 0; i < length; i++) if (bytes[from + i] !== key[i]) return false
    return true
  }

  #takeSlot(): number {
    if (this.#free >= 0) {
      const slot = this.#free
      this.#free = this.#newer[slot]!
      return slot
    }
    if (this.#fresh === this.#capacity) this.#grow()
    return this.#fresh++
  }

  #grow(): void {
    // Much room at once would be much that is not used.
    const capacity = this.#capacity < 4096 ? Math.max(32, this.#capacity * 2) : this.#capacity + (this.#capacity >> 3)
    const grown = <Column extends Uint8Array | Uint16Array | Int32Array | Uint32Array | Float64Array>(from: Column, to: Column): Column => {
      to.set(from)
      return to
    }
    this.#hash = grown(this.#hash, new Uint32Array(capacity))
    this.#owner = grown(this.#owner, new Uint16Array(capacity))
    this.#address = grown(this.#address, new Int32Array(capacity))
    this.#older = grown(this.#older, new Int32Array(capacity))
    this.#newer = grown(this.#newer, new Int32Array(capacity))
    this.#touched = grown(this.#touched, new Float64Array(capacity))
    this.flags = grown(this.flags, new Uint8Array(capacity))
    this.timers.grow(capacity)
    this.#capacity = capacity
  }

  #enter(slot: number): void {
    const mask = this.#table.length - 1
    let place = this.#hash[slot]! & mask
    while (this.#table[place]! >= 0) place = (place + 1) & mask
    this.#table[place] = slot
  }

  #rehash(length: number): void {
    const before = this.#table
    this.#table = new Int32Array(length).fill(-1)
    for (const slot of before) if (slot >= 0) this.#enter(slot)
  }

  #leaveTable(slot: number): void {
    const mask = this.#table.length - 1
    let hole = this.#hash[slot]! & mask
    while (this.#table[hole] !== slot) hole = (hole + 1) & mask
    // What came later in the run moves up, so that no search ends too early.
    for (let place = (hole + 1) & mask; this.#table[place]! >= 0; place = (place + 1) & mask) {
      const home = this.#hash[this.#table[place]!]! & mask
      if (((place - home) & mask) >= ((place - hole) & mask)) {
        this.#table[hole] = this.#table[place]!
        hole = place
      }
    }
    this.#table[hole] = -1
  }

  #append(owner: Owner, slot: number): void {
    this.#touched[slot] = ++this.#touches
    this.#older[slot] = owner.newest
    this.#newer[slot] = -1
    if (owner.newest >= 0) this.#newer[owner.newest] = slot
    else owner.oldest = slot
    owner.newest = slot
    owner.count++
  }

  #unlink(owner: Owner, slot: number): void {
    const older = this.#older[slot]!
    const newer = this.#newer[slot]!
    if (older >= 0) this.#newer[older] = newer
    else owner.oldest = newer
    if (newer >= 0) this.#older[newer] = older
    else owner.newest = older
    owner.count--
  }
}

const pad = (bytes: number): number => (bytes + 7) & ~7
