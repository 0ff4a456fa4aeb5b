/**
 * Nanoseconds and bits a value of the column codecs and of the token index: `node bench/columns.ts`. Blocks of 4096 rows; soft bytes are
 * counted as zstd makes them, each column by itself.
 */
import { constants, zstdCompressSync } from 'node:zlib'
import { ByteReader } from '../src/store/log/seal/byte-stream.ts'
import { createColumnSink, openNumberColumn, openTokenColumn, writeNumberColumn, writeTokenColumn, type ColumnSource, type NumberArray } from '../src/store/log/seal/columns/index.ts'
import { createTokenCollector, lookupToken } from '../src/store/log/seal/tokens/index.ts'

const ROWS = 4096
const ROUNDS = 40
const sink = createColumnSink()
let state = 1
const chance = (): number => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32
const below = (max: number): number => Math.floor(chance() * max)
const counter = (step: () => number, first: number): (() => number) => {
  let now = first
  return () => (now += step())
}

const NUMBERS: Readonly<Record<string, () => number>> = {
  constant: () => 7,
  'packed 12 bits': () => below(4096),
  'packed 40 bits': () => below(2 ** 40),
  'dictionary of 20': (() => {
    const known = Array.from({ length: 20 }, () => below(2 ** 20))
    return () => known[Math.floor(chance() ** 2 * 20)]!
  })(),
  'rising clock, ms': counter(() => below(40), 1.7e12),
  'rising clock, µs, with jumps': counter(() => (chance() < 0.01 ? -below(1e9) : below(2000)), 1.7e15),
  runs: (() => {
    let now = 0
    return () => (chance() < 0.02 ? (now = below(60_000)) : now)
  })(),
  'skewed 0–65535': () => Math.floor(65_536 * chance() ** 8),
  'skewed byte': () => Math.floor(10 * chance() ** 4),
  doubles: () => chance(),
}
const word = (length: number, alphabet: string): string => Array.from({ length }, () => alphabet[below(alphabet.length)]).join('')
const TOKENS: Readonly<Record<string, () => string>> = {
  'process ids': () => String(below(60_000)),
  'rising decimals': (() => {
    const next = counter(() => 1 + below(9), 100_000)
    return () => String(next())
  })(),
  'two digits': () => String(below(60)).padStart(2, '0'),
  'hex of 8': () => word(8, '0123456789abcdef'),
  'hex of 16': () => `ffffffff${word(8, '0123456789abcdef')}`,
  'hex of 32': () => word(32, '0123456789abcdef'),
  'few names': () => ['eth0', 'eth1', 'sda1', 'nvme0n1', 'lo0'][below(5)]!,
  'user12345': () => `user${below(99_999)}`,
  'mixed text': () => word(6 + below(8), 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'),
}

/** The best of many short parts: the machine may have other things to do. */
function ns(values: number, run: () => void): string {
  let best = Infinity
  for (let part = 0; part < 60; part++) {
    const start = process.hrtime.bigint()
    for (let i = 0; i < ROUNDS; i++) run()
    best = Math.min(best, Number(process.hrtime.bigint() - start))
  }
  return (best / (ROUNDS * values)).toFixed(1).padStart(7)
}

function written(write: () => void): { source: () => ColumnSource; bits: string } {
  sink.soft.clear()
  sink.dense.clear()
  write()
  const [soft, dense] = [Buffer.from(sink.soft.bytes()), Buffer.from(sink.dense.bytes())]
  const packed = soft.length < 64 ? soft.length : zstdCompressSync(soft, { params: { [constants.ZSTD_c_compressionLevel]: 3 } }).length
  return { source: () => ({ soft: new ByteReader(soft), dense: new ByteReader(dense) }), bits: `${(((packed + dense.length) * 8) / ROWS).toFixed(2).padStart(7)} bits (${packed} soft, ${dense.length} dense)` }
}

let blackHole = 0
const line = (name: string, figures: string): void => console.log(`${name.padEnd(30)} ${figures}`)

line('numbers', ' encode    into      at  ns a value')
for (const [name, next] of Object.entries(NUMBERS)) {
  const values: NumberArray = Float64Array.from({ length: ROWS }, next)
  const write = (): void => {
    sink.soft.clear()
    sink.dense.clear()
    writeNumberColumn(sink, values, ROWS)
  }
  const { source, bits } = written(write)
  const back = new Float64Array(ROWS)
  const figures = [ns(ROWS, write), ns(ROWS, () => openNumberColumn(source(), ROWS).into(back))]
  const column = openNumberColumn(source(), ROWS)
  figures.push(ns(ROWS, () => { let sum = 0; for (let i = 0; i < ROWS; i++) sum += column.at(i); blackHole += sum }))
  line(name, `${figures.join(' ')} ${bits}`)
}

const short = Array.from({ length: 512 }, (_, i) => Float64Array.from({ length: 8 }, () => below(2 ** (i % 20))))
const writeShort = (): void => {
  sink.soft.clear()
  sink.dense.clear()
  for (const values of short) writeNumberColumn(sink, values, 8)
}
const opened = written(writeShort)
const back = new Float64Array(8)
const readShort = (): void => {
  const source = opened.source()
  for (let i = 0; i < 512; i++) openNumberColumn(source, 8).into(back)
}
line('512 columns of 8', `${ns(ROWS, writeShort)} ${ns(ROWS, readShort)}         ${opened.bits}`)

line('tokens', ' encode   write  ns a token')
for (const [name, next] of Object.entries(TOKENS)) {
  const parts = Array.from({ length: ROWS }, () => Buffer.from(next()))
  const lengths = Uint16Array.from(parts, ({ length }) => length)
  let end = 0
  const starts = Uint32Array.from(lengths, (length) => (end += length) - length)
  const spans = { bytes: new Uint8Array(Buffer.concat(parts)), starts, lengths, from: 0, count: ROWS }
  const write = (): void => {
    sink.soft.clear()
    sink.dense.clear()
    writeTokenColumn(sink, spans)
  }
  const { source, bits } = written(write)
  const into = Buffer.alloc(ROWS * 40)
  const read = (): void => {
    const column = openTokenColumn(source(), ROWS)
    column.unpack()
    let at = 0
    for (let i = 0; i < ROWS; i++) at = column.write(i, into, at)
    blackHole += at
  }
  line(name, `${ns(ROWS, write)} ${ns(ROWS, read)}         ${bits}`)
}

line('token index', ' add      finish  lookup  ns a token')
for (const { tokens, places, universeBits } of [{ tokens: 4000, places: 8, universeBits: 4 }, { tokens: 100_000, places: 8, universeBits: 4 }, { tokens: 100_000, places: 8, universeBits: 5 }]) {
  const hashes = Uint32Array.from({ length: tokens }, () => below(2 ** 32))
  const pairs = 320_000
  const order = Uint32Array.from({ length: pairs }, (_, i) => hashes[i < tokens ? i : below(tokens)]!)
  const collector = createTokenCollector({ places: 64, universeBits })
  const best = { add: Infinity, finish: Infinity }
  let size = 0
  for (let round = 0; round < 20; round++) {
    const start = process.hrtime.bigint()
    for (let i = 0; i < pairs; i++) collector.add(order[i]!, (order[i]! ^ (order[i]! >>> 7)) & 7)
    const added = process.hrtime.bigint()
    size = collector.finish(places).length
    best.add = Math.min(best.add, Number(added - start))
    best.finish = Math.min(best.finish, Number(process.hrtime.bigint() - added))
  }
  for (const hash of hashes) collector.add(hash, hash & 7)
  const index = collector.finish(places)
  const found = new Uint32Array(2)
  const lookups = ns(1000, () => { for (let i = 0; i < 1000; i++) lookupToken(index, hashes[i]!, found) })
  line(`${tokens} tokens, 1 in ${2 ** universeBits}`, `${(best.add / pairs).toFixed(1).padStart(7)} ${(best.finish / tokens).toFixed(1).padStart(7)} ${lookups} ${((size * 8) / tokens).toFixed(2)} bits a token`)
}
if (Number.isNaN(blackHole)) line('nothing', '')
