import type { Batch } from '#domain/batch.ts'
import { ByteReader, ByteWriter } from './byte-stream.ts'

/** Which ids and APP-NAMEs occur in a block, exactly: a search for others skips it without unpacking anything. */
export interface Presence { readonly nodes: Buffer; readonly sessions: Buffer; readonly sources: Buffer; readonly apps: Buffer }
export type PresenceField = keyof Presence

/** @param order the block's order of rows: equal ids are mostly neighbours in it */
export function presenceOf(batch: Batch, order: Uint16Array): Presence {
  return {
    nodes: encodeIds(batch.node, order),
    sessions: encodeIds(batch.session, order),
    sources: encodeIds(batch.source, order),
    apps: encodeApps(batch),
  }
}

/** Ascending, each as its distance from the one before, 7 bits a byte. */
function encodeIds(column: Uint32Array, order: Uint16Array): Buffer {
  const different = new Set<number>()
  let previous = -1
  for (const row of order) {
    if (column[row] !== previous) different.add(column[row])
    previous = column[row]
  }
  const ids = Uint32Array.from(different).sort()
  const bytes: number[] = []
  let last = 0
  for (const id of ids) {
    let rest = id - last
    last = id
    for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest & 127) | 128)
    bytes.push(rest)
  }
  return Buffer.from(bytes)
}

/** @param wanted ascending */
export function hasAnyId(encoded: Uint8Array, wanted: readonly number[]): boolean {
  let id = 0
  let distance = 0
  let scale = 1
  let next = 0
  for (const byte of encoded) {
    distance += (byte & 127) * scale
    scale *= 128
    if (byte > 127) continue
    id += distance
    distance = 0
    scale = 1
    while (next < wanted.length && wanted[next] < id) next++
    if (next === wanted.length) return false
    if (wanted[next] === id) return true
  }
  return false
}

/** The different APP-NAMEs in ASCII lower case, latin-1, each behind its length (u32). */
function encodeApps(batch: Batch): Buffer {
  const apps = new Set<string>()
  const bytes = Buffer.from(batch.bytes.buffer, batch.bytes.byteOffset, batch.bytes.length)
  const rowByHash = new Map<number, number>()
  for (let row = 0; row < batch.rows; row++) {
    const hash = hashApp(batch, row)
    const like = rowByHash.get(hash)
    if (like !== undefined && isSameApp(batch, row, like)) continue
    rowByHash.set(hash, row)
    const start = batch.frameStart[row] + batch.appOff[row]
    apps.add(bytes.toString('latin1', start, start + batch.appLen[row]))
  }
  const out = new ByteWriter()
  for (const app of new Set(Array.from(apps, asciiLower))) {
    const name = Buffer.from(app, 'latin1')
    out.u32(name.length)
    name.copy(out.reserve(name.length))
  }
  return Buffer.from(out.bytes())
}

/** FNV-1a: equal names meet here without a string being made for each row. */
function hashApp(batch: Batch, row: number): number {
  const { bytes } = batch
  const start = batch.frameStart[row] + batch.appOff[row]
  const end = start + batch.appLen[row]
  let hash = 0x81_1c_9d_c5
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i], 0x01_00_01_93)
  return hash
}

function isSameApp(batch: Batch, row: number, other: number): boolean {
  const { bytes } = batch
  const [a, b] = [batch.frameStart[row] + batch.appOff[row], batch.frameStart[other] + batch.appOff[other]]
  if (batch.appLen[row] !== batch.appLen[other]) return false
  for (let i = 0; i < batch.appLen[row]; i++) if (bytes[a + i] !== bytes[b + i]) return false
  return true
}

export function decodeApps(encoded: Buffer): string[] {
  const from = new ByteReader(encoded)
  const apps: string[] = []
  for (let at = 0; at < encoded.length; ) {
    const length = from.u32()
    apps.push(from.take(length).toString('latin1'))
    at += 4 + length
  }
  return apps
}

/** Letters A–Z only: what other letters mean depends on an encoding that the store does not know. */
export const asciiLower = (text: string): string => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
