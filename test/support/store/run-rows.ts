import { createBatch, type Batch } from '#domain/batch.ts'
import { createInterner } from '../../../src/ingest/interner.ts'
import { createParser, type FrameRow } from '../../../src/ingest/parse/parser.ts'
import { NOON_MS } from './batches.ts'

/** Numbers from a seed (mulberry32): a case of a property test that is too large to be made of arbitraries. */
export interface Chance {
  below(limit: number): number
  pick<T>(from: readonly T[]): T
}

export function chanceOf(seed: number): Chance {
  let state = seed | 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number): number => Math.floor(next() * limit)
  return { below, pick: (from) => from[below(from.length)]! }
}

const hex = (chance: Chance, digits: number): string => Array.from({ length: digits }, () => '0123456789abcdef'[chance.below(16)]!).join('')
const padded = (value: number, digits: number): string => String(value).padStart(digits, '0')

/** Texts as senders write them; latin-1 letters become single bytes, which are no UTF-8. */
const TEXTS: readonly ((chance: Chance) => string)[] = [
  (c) => `link 52:54:00:${hex(c, 2)}:${hex(c, 2)}:${hex(c, 2)} is up on eth${c.below(3)}`,
  (c) => `Link ${c.pick(['fe', 'cab', 'fe80', 'FE'])}::${hex(c, 4)}:${c.pick(['ab', 'dead', '12'])}:1 lost neighbor`,
  (c) => `request ${hex(c, 8)}-${hex(c, 4)}-4${hex(c, 3)}-${hex(c, 12)} status=${c.pick(['200', '404', '500'])} took ${c.below(3000)} ms`,
  (c) => `part ${padded(c.below(1000), 5)} of ${padded(c.below(50), 4)}, again ${padded(c.below(7), 3)}`,
  (c) => `mounted "/mnt/disk ${c.below(30)}" as ${c.pick(['ext4', 'xfs2'])}; link_up=${c.below(2)}`,
  (c) => (c.below(20) === 0 ? `quasar seen at ${c.below(1000)}` : `nothing seen at ${c.below(1000)}`),
  () => '',
  (c) => `caf\u00e9 ${c.below(40)} open`,
  (c) => `Gr\u00c3\u00bc\u00c3\u00dfe ${c.below(40)}`,
  (c) => `[s=${c.pick(['a1b2c3', 'abcdef', 'd00d12'])} q=${c.below(90)} f=n_install l=warning st=packages] installed ${c.below(90)}`,
  () => 'Starting Network Manager Script Dispatcher Service...',
  (c) => `{"status":${c.pick(['404', '500', '"500"'])},"user":{"name":"${c.pick(['root', 'Ann'])}"}}`,
  (c) => `first line ${c.below(9)}\nsecond line ${c.below(9)} up`,
  (c) => `[ ${c.below(90)}.${padded(c.below(1_000_000), 6)}] nvme${c.below(4)}: I/O ${c.below(1024)} timeout`,
  (c) => `0x${hex(c, 8)} ${hex(c, 32)} ${hex(c, 6).toUpperCase()}`,
  (c) => `${c.pick(['LINK', 'link', 'Links'])} state ${c.pick(['face', 'bad', 'beef7'])}:${c.below(3)}`,
  (c) => `unlike ${Array.from({ length: c.below(6) }, () => c.pick(['up', 'down', 'x9', ':', 'link', '7'])).join(' ')}`,
]

/** Headers: RFC 5424, RFC 3164, RFC 3339 in the place of its time, iPXE, Cisco, and none. */
const FRAMES: readonly ((chance: Chance, text: string) => string)[] = [
  (c, text) => `<${c.below(192)}>1 2026-11-22T12:00:${padded(c.below(60), 2)}.${padded(c.below(1_000_000), 6)}${c.pick(['Z', '+01:00'])} ${host(c)} ${app(c)} ${c.below(40)} ID${c.below(2)} [x@1 n="${c.below(9)}"] ${text}`,
  (c, text) => `<${c.pick([14, 11, 134])}>1 2026-11-22T12:00:${padded(c.below(60), 2)}Z ${host(c)} ${app(c)} - - - ${text}`,
  (c, text) => `<${c.pick([14, 11])}>Nov 22 12:00:${padded(c.below(60), 2)} ${host(c)} ${app(c)}[${c.below(9) === 0 ? c.below(9999) : 77}]: ${text}`,
  (c, text) => `<14>2026-11-22T12:00:${padded(c.below(60), 2)}.${padded(c.below(1_000_000), 6)}+01:00 ${host(c)} ${app(c)}: ${text}`,
  (c, text) => `<14>tch-00${c.below(3)}.s-${c.pick(['a1b2c3', 'ffeedd'])} ipxe: ${text}`,
  (c, text) => `<189>${c.below(999)}: *Nov 22 12:00:01.${padded(c.below(1000), 3)}: %LINK-3-UPDOWN: ${text}`,
  (_, text) => `<14>kernel: ${text}`,
  (_, text) => text,
]
const host = (c: Chance): string => c.pick(['tch-001', 'TCH-001', 'tch-002', 'fe80::1'])
const app = (c: Chance): string => c.pick(['sshd', 'Kernel', 'kernel', 'hps', '%LINK-3-UPDOWN'])

/** Batches of parsed messages of a few dozen kinds: texts and headers of each kind are the same but for what varies. */
export function* parsedBatches(chance: Chance, rows: number): Generator<Batch> {
  const parser = createParser(createInterner({ capacity: 1024, maxKeyBytes: 253, arenaBytes: 64 * 1024 }))
  const kinds = Array.from({ length: 1 + chance.below(40) }, () => [chance.pick(TEXTS), chance.pick(FRAMES)] as const)
  const frame: FrameRow = { row: 0, start: 0, length: 0, receivedMs: 0, faults: 0, form: 'syslog' }
  for (let left = rows; left > 0; ) {
    const count = Math.min(left, 1 + chance.below(900))
    const batch = createBatch((count + 7) & ~7, count * 400)
    for (let row = 0; row < count; row++) {
      const [text, frameOf] = chance.pick(kinds)
      const line = Buffer.from(frameOf(chance, text(chance)), 'latin1')
      const start = batch.byteCount
      batch.bytes.set(line, start)
      const receivedMs = NOON_MS + Math.floor((rows - left + row) / 3) + (chance.below(100) === 0 ? chance.below(5) - 2 : 0)
      parser.parse(batch, Object.assign(frame, { row, start, length: line.length, receivedMs, form: frameOf === FRAMES.at(-1) ? 'line' : 'syslog' }))
      batch.source[row] = 1 + chance.below(2)
      batch.node[row] = chance.below(4)
      batch.session[row] = batch.node[row] === 0 ? 0 : 10 * batch.node[row]! + chance.below(2)
      batch.method[row] = chance.below(3)
      batch.confidence[row] = chance.pick([0, 70, 100])
      batch.byteCount += line.length + 1
      batch.rows++
    }
    left -= count
    yield batch
  }
}
