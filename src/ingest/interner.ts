/** Bounded open-addressing table from byte ranges to small numbers: no string is made to look a host up. */
export interface Interner {
  readonly size: number
  /** No room for one more: the owner raises the epoch and clears before the next frame. */
  readonly isFull: boolean
  /** 1 … capacity for a range, the same for equal bytes until `clear`; 0 for an empty range, one longer than `maxKeyBytes`, or when full. */
  intern(bytes: Uint8Array, start: number, end: number): number
  clear(): void
}

export interface InternerLimits {
  readonly capacity: number
  readonly maxKeyBytes: number
  /** Room for all keys together. */
  readonly arenaBytes: number
}

/** Slots per entry: at a load of one half a natural probe run is a few slots long. */
const SLOTS_PER_ENTRY = 2
/** A run longer than this was made on purpose (names chosen to collide): the table counts as full, so the cost of a look-up stays bounded. */
const MAX_PROBES = 256

/** @param limits capacity must be a power of two */
export function createInterner(limits: InternerLimits): Interner {
  const { capacity, maxKeyBytes, arenaBytes } = limits
  const mask = capacity * SLOTS_PER_ENTRY - 1
  const slots = new Uint32Array(mask + 1)
  const hashes = new Int32Array(capacity + 1)
  const ends = new Uint32Array(capacity + 1)
  const arena = new Uint8Array(arenaBytes)
  let size = 0
  let crowded = false

  const isKey = (ref: number, bytes: Uint8Array, start: number, end: number): boolean => {
    let key = ends[ref - 1]!
    if (ends[ref]! - key !== end - start) return false
    for (let i = start; i < end; i++) if (arena[key++] !== bytes[i]) return false
    return true
  }
  const isFull = () => crowded || size === capacity || arenaBytes - ends[size]! < maxKeyBytes

  return {
    get size() {
      return size
    },
    get isFull() {
      return isFull()
    },
    intern(bytes, start, end) {
      if (start >= end || end - start > maxKeyBytes) return 0
      let hash = 0x811c9dc5 | 0
      for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193)
      let slot = (hash ^ (hash >>> 15)) & mask
      for (let probes = 0; ; probes++) {
        const ref = slots[slot]!
        if (ref === 0) break
        if (hashes[ref] === hash && isKey(ref, bytes, start, end)) return ref
        if (probes === MAX_PROBES) crowded = true
        slot = (slot + 1) & mask
      }
      if (size === capacity || arenaBytes - ends[size]! < end - start) return 0
      const from = ends[size]!
      for (let i = start; i < end; i++) arena[from + i - start] = bytes[i]!
      size++
      ends[size] = from + end - start
      hashes[size] = hash
      slots[slot] = size
      return size
    },
    clear() {
      slots.fill(0)
      size = 0
      crowded = false
    },
  }
}
