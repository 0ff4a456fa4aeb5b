import type { Batch } from '#domain/batch.ts'

/**
 * An origin: who sent a message, whom it is about, how that was found, and the HOSTNAME it carried. A fleet has few of
 * them beside its messages, so a row keeps a number, and a search decides about all rows of an origin at once.
 */
export interface Origin {
  readonly source: number
  readonly node: number
  readonly session: number
  readonly method: number
  readonly confidence: number
  readonly host: Uint8Array
}

/** The origins of one file; numbers are places in the list. Grows only. */
export interface OriginBook {
  readonly origins: readonly Origin[]
  /** @returns the number of the row's origin, a new one when it is met for the first time */
  numberOf(batch: Batch, row: number): number
  /** Takes back the origins from `count` on: their file did not keep them. */
  truncate(count: number): void
}

const FIRST_SLOTS = 1024

/** @param known those that the file has already */
export function createOriginBook(known: readonly Origin[]): OriginBook {
  const origins: Origin[] = [...known]
  const hashes: number[] = known.map(hashOrigin)
  let slots = tableOf(FIRST_SLOTS)

  function tableOf(least: number): Int32Array {
    let size = least
    while (size < hashes.length * 3) size *= 2
    const table = new Int32Array(size).fill(-1)
    for (const [number, hash] of hashes.entries()) {
      let slot = hash & (size - 1)
      while (table[slot]! >= 0) slot = (slot + 1) & (size - 1)
      table[slot] = number
    }
    return table
  }

  function add(batch: Batch, row: number, hash: number): number {
    const start = batch.frameStart[row]! + batch.hostOff[row]!
    const host = batch.bytes.slice(start, start + batch.hostLen[row]!)
    origins.push({ source: batch.source[row]!, node: batch.node[row]!, session: batch.session[row]!, method: batch.method[row]!, confidence: batch.confidence[row]!, host })
    hashes.push(hash)
    if (hashes.length * 2 > slots.length) slots = tableOf(slots.length * 2)
    else {
      let slot = hash & (slots.length - 1)
      while (slots[slot]! >= 0) slot = (slot + 1) & (slots.length - 1)
      slots[slot] = origins.length - 1
    }
    return origins.length - 1
  }

  return {
    origins,
    numberOf(batch, row) {
      const hash = hashRow(batch, row)
      const mask = slots.length - 1
      for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
        const number = slots[slot]!
        if (number < 0) return add(batch, row, hash)
        if (hashes[number] === hash && isOrigin(origins[number]!, batch, row)) return number
      }
    },
    truncate(count) {
      if (origins.length === count) return
      origins.length = count
      hashes.length = count
      slots = tableOf(FIRST_SLOTS)
    },
  }
}

const FNV_PRIME = 0x01000193

function hashRow(batch: Batch, row: number): number {
  const start = batch.frameStart[row]! + batch.hostOff[row]!
  return hashParts({ source: batch.source[row]!, node: batch.node[row]!, session: batch.session[row]!, bytes: batch.bytes, start, end: start + batch.hostLen[row]! })
}

const hashOrigin = ({ source, node, session, host }: Origin): number => hashParts({ source, node, session, bytes: host, start: 0, end: host.length })

function hashParts({ source, node, session, bytes, start, end }: { readonly source: number; readonly node: number; readonly session: number; readonly bytes: Uint8Array; readonly start: number; readonly end: number }): number {
  let hash = Math.imul(source ^ Math.imul(node, 0x85ebca6b) ^ Math.imul(session, 0x27d4eb2f), FNV_PRIME)
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, FNV_PRIME)
  return (hash ^ (hash >>> 15)) >>> 0
}

function isOrigin({ source, node, session, method, confidence, host }: Origin, batch: Batch, row: number): boolean {
  if (source !== batch.source[row] || node !== batch.node[row] || session !== batch.session[row] || method !== batch.method[row] || confidence !== batch.confidence[row]) return false
  if (host.length !== batch.hostLen[row]) return false
  const start = batch.frameStart[row]! + batch.hostOff[row]!
  for (let i = 0; i < host.length; i++) if (batch.bytes[start + i] !== host[i]) return false
  return true
}

