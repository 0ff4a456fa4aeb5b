import { ByteReader } from '../byte-stream.ts'

/** Which ids and APP-NAMEs occur in a block, exactly: a search for others skips it without unpacking anything. */
export type PresenceField = 'nodes' | 'sessions' | 'sources' | 'apps'

/** @param encoded ascending, each id as its distance from the one before, 7 bits a byte; @param wanted ascending */
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
