import type { Batch } from '#domain/batch.ts'
import { decodeText } from '#base/bytes.ts'
import { foldCase } from './condition.ts'

/** Slots of the cache, a power of two. A name that falls on another's slot takes its place: bounded whatever is sent. */
const SLOTS = 1024

/** What is known about an application, found by the bytes of its name so that no string is made for a message. */
export interface AppCache<T> {
  ofRow(batch: Batch, row: number): T
  ofName(app: string): T
}

/** @param make is given the name with ASCII letters folded */
export function createAppCache<T>(make: (app: string) => T): AppCache<T> {
  const names: (Uint8Array | undefined)[] = new Array<Uint8Array | undefined>(SLOTS)
  const values: T[] = []
  const look = (bytes: Uint8Array, start: number, end: number): T => {
    let hash = 0x811c9dc5
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193)
    const slot = (hash ^ (hash >>> 15)) & (SLOTS - 1)
    const known = names[slot]
    if (known !== undefined && known.length === end - start) {
      let at = 0
      while (at < known.length && known[at] === bytes[start + at]) at++
      if (at === known.length) return values[slot]!
    }
    const name = bytes.slice(start, end)
    const value = make(foldCase(decodeText(name).text))
    names[slot] = name
    values[slot] = value
    return value
  }
  return {
    ofRow(batch, row) {
      const start = batch.frameStart[row]! + batch.appOff[row]!
      return look(batch.bytes, start, start + batch.appLen[row]!)
    },
    ofName(app) {
      const bytes = Buffer.from(app)
      return look(bytes, 0, bytes.length)
    },
  }
}
