import { expect, test } from 'vitest'
import { createBatch } from '#domain/batch.ts'
import { StreamFramer } from '../../src/ingest/framing/stream-framer.ts'
import { createInterner } from '../../src/ingest/interner.ts'
import { createParser, type FrameRow } from '../../src/ingest/parse/parser.ts'

/**
 * Doubling an input may at most double its time, with a tenth of slack for caches that it outgrows. A family of frames or streams that a
 * hostile sender could make is timed at three lengths, in turns, so that a slow spell of the machine meets all of them. A frame has at most 64 KiB.
 */
const HIGHEST_RATIO = 2.2
/** Each twice the one before. */
const FRAME_LENGTHS = [15 << 10, 30 << 10, 60 << 10] as const
const STREAM_LENGTHS = [64 << 10, 128 << 10, 256 << 10] as const
const ROUNDS = 9
/** One measurement: as many repetitions as last about this long. */
const SLICE_MS = 0.5
/**
 * What disturbs can only make a run slower, so the least time of each length is the truest, and the more attempts the truer. A family that is
 * near the limit is measured again: noise goes, a quadratic stays at 4.
 */
const ATTEMPTS = 40
const SURE_RATIO = 2.12

type Run = (bytes: Uint8Array) => void
interface Family { readonly name: string; readonly bytes: (length: number) => Buffer; readonly form?: FrameRow['form'] }

/** `head` once, then `piece` again and again. */
const family = (name: string, head: string, piece: string, form?: FrameRow['form']): Family => ({
  name,
  bytes: (length) => Buffer.concat([Buffer.from(head, 'latin1'), Buffer.alloc(length, piece, 'latin1')]).subarray(0, length),
  ...(form === undefined ? {} : { form }),
})
const RFC3164 = '<13>Nov 22 13:21:39 tch-001 '
const RFC5424 = '<13>1 2026-11-22T13:21:39Z h a - - '

const FRAMES: readonly Family[] = [
  ...'<>[]()"\\:=%*+,;|-./#@{}019aAzZ \t\0'.split('').flatMap((byte) => [
    family(`only ${JSON.stringify(byte)}`, '', byte),
    family(`${JSON.stringify(byte)} behind a priority`, '<13>', byte),
    family(`${JSON.stringify(byte)} behind a BSD header`, RFC3164, byte),
    family(`${JSON.stringify(byte)} behind an RFC 5424 header`, RFC5424, byte),
  ]),
  family('only bytes over 127', '', '\xff'),
  family('two-byte characters', `${RFC3164}a: `, '\xc3\xa9'),
  family('a priority of digits', '<', '1'),
  family('priorities', '', '<13>'),
  family('structured data that is not closed', `${RFC5424}[hps@32473 `, 'session="a'),
  family('structured data of empty elements', RFC5424, '[]'),
  family('structured data of labels', RFC5424, '[hps@32473 session="a1b2c3" stage="x"]'),
  family('structured data of escapes', `${RFC5424}[x y="`, '\\"'),
  family('a label element of blanks', `${RFC5424}[hps@32473`, ' '),
  family('a label element of sessions that are none', `${RFC5424}[hps@32473`, ' session="X"'),
  family('a label element of sessions without end', `${RFC5424}[hps@32473`, ' session='),
  family('a tag without end', RFC3164, 'tag'),
  family('tags', RFC3164, 'tag: '),
  family('tags with pids', RFC3164, 'tag[1]: '),
  family('open tags', RFC3164, 'tag['),
  family('a label prefix without end', `${RFC3164}a: [`, 's=a1b2c3 '),
  family('a label prefix of empty values', `${RFC3164}a: [`, 's= st= '),
  family('a printk clock without end', '<6>[', '    2'),
  family('a printk caller without end', '<6>[    2.1][', 'T'),
  family('printk clocks', '<6>', '[    2.134921] '),
  family('a kernel command line', '<6>Kernel command line: ', 'hps.session=X '),
  family('a kernel command line of almost arguments', '<6>Command line: ', ' hps.sessio'),
  family('iPXE tags', '<6>', 'ipxe:'),
  family('iPXE domains', '<6>a', '.s-a1b2c3'),
  family('an iPXE host of domains', '<6>', '.s-'),
  family('stamps', '<13>', 'Nov 22 13:21:39 '),
  family('ISO stamps', '<13>', '2026-11-22T13:21:39.034Z '),
  family('a fraction without end', '<13>2026-11-22T13:21:39.', '0'),
  family('Cisco counters', '<189>', '123: '),
  family('a Cisco counter without end', '<189>', '1'),
  family('a Cisco counter and stamps', '<189>123: ', '*Nov 22 13:21:39.034: '),
  family('Cisco stamps and zones', '<189>123: *Nov 22 13:21:39.034 ', 'UTC '),
  family('Cisco marks', '<189>', '*.'),
  family('Cisco mnemonics', '<189>123: *Nov 22 13:21:39.034: ', '%LINK-3-'),
  family('Cisco mnemonics without end', '<189>123: *Nov 22 13:21:39.034: %LINK-3-', 'UPDOWN'),
  family('ASA', '<166>Nov 22 2026 13:21:39 asa : ', '%ASA-6-302013'),
  family('NX-OS', '<189>: 2026 Nov 22 13:21:39 UTC: ', '%ETHPORT-5-IF_UP: '),
  family('uptimes', '<189>123: ', '1w2d: '),
  family('CEF', '<134>Nov 22 13:21:39 h CEF:0|a|b|1|2|n|5|', 'src=10.0.0.1 msg=a\\=b '),
  family('CEF of bars', '<134>Nov 22 13:21:39 h CEF:0', '|'),
  family('LEEF', '<134>Nov 22 13:21:39 h LEEF:2.0|a|b|1|2|^|', 'src=1^'),
  family('deep JSON', `${RFC3164}a: `, '{"a":'),
  family('deep JSON lists', `${RFC3164}a: @cee:`, '[{"a":['),
  family('JSON strings that are not closed', `${RFC3164}a: {"`, '\\"'),
  family('repeats', `${RFC3164}a: message repeated 3 times: `, '[ message repeated 3 times: '),
  family('last messages', RFC3164, 'last message repeated 3 times '),
  family('forwards', '<13>Nov 22 13:21:39 ', 'Message forwarded from h: '),
  family('HPS origins', `${RFC3164}hps[x]: `, '[origin] [WARNING] [func] '),
  family('HPS levels', `${RFC3164}hps: `, 'WARNING: '),
  family('HPS steps', `${RFC3164}hps: `, 'Step 3/6 '),
  family('HPS steps without end', `${RFC3164}hps: Init [`, '1'),
  family('severities', `${RFC3164}a: `, 'level=warning '),
  family('kernel records', '', '6,1234,5678,-;'),
  family('kernel record fields', '6,1234,5678,-', ',caller=T1'),
  family('kernel record fragments', '6,1234,5678,-,ncfrag=0/9', ',ncfrag=0/9'),
  family('netconsole lines', '', '[    2.134921] x\n'),
  family('journal fields', '', '__REALTIME_TIMESTAMP=1\n'),
  family('journal fields without values', '', 'MESSAGE\n'),
  family('newlines at the end', '<13>a', '\n'),
  family('a line without a header', '', '[WARNING] a ', 'line'),
  family('broken JSON', '', '{"a":', 'broken-json'),
]

const STREAMS: readonly Family[] = [
  family('digits', '', '1'),
  family('blanks', '', ' '),
  family('NULs', '', '\0'),
  family('newlines', '', '\n'),
  family('returns', '', '\r'),
  family('half counts', '', '12 '),
  family('counts that are no counts', '', '12345678 <'),
  family('counts of one', '', '1 <'),
  family('wrong counts', '', '5 <13>a\n'),
  family('counts of nothing', '', '0 <'),
  family('lines ended by NUL', '', '<13>a\0'),
  family('lines ended in turns', '', '<13>a\0<13>b\r\n<13>c\n'),
  family('one line', '<13>', 'a'),
  family('one line of returns', '<13>', 'a\r'),
  family('nines', '', '99999999 '),
]

/** CPU milliseconds of this process (its threads' own clocks tick too coarsely): what other processes do counts only by the caches they take. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

function medianOf(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!
}

/** How often to run for a measurement. */
function repetitionsOf(run: Run, input: Uint8Array): number {
  for (let repetitions = 1; ; repetitions *= 2) {
    const startedMs = cpuMs()
    for (let i = 0; i < repetitions; i++) run(input)
    if (cpuMs() - startedMs >= SLICE_MS || repetitions >= 1 << 16) return repetitions
  }
}

/** The least CPU milliseconds of each input in some rounds, in turns; each is run as long as the others, so that all have the same chance of a quiet moment. */
function measure(run: Run, inputs: readonly Uint8Array[]): number[] {
  const repetitions = inputs.map((input) => repetitionsOf(run, input))
  const leastMs = inputs.map(() => Infinity)
  for (let round = 0; round < ROUNDS; round++) {
    inputs.forEach((input, index) => {
      const startedMs = cpuMs()
      for (let i = 0; i < repetitions[index]!; i++) run(input)
      leastMs[index] = Math.min(leastMs[index]!, (cpuMs() - startedMs) / repetitions[index]!)
    })
  }
  return leastMs
}

const greatestRatio = (times: readonly number[]): number => Math.max(...times.slice(1).map((ms, index) => ms / times[index]!))

interface Result { readonly name: string; readonly ratio: number; readonly attempts: number }

/** The greatest time(2n)/time(n) of a family: of its best attempt, or of the least times of all. */
function ratioOf(run: Run, { family: { name, bytes }, lengths }: { readonly family: Family; readonly lengths: readonly number[] }): Result {
  const inputs = lengths.map(bytes)
  let leastMs: readonly number[] = inputs.map(() => Infinity)
  let ratio = Infinity
  let attempts = 0
  while (ratio > SURE_RATIO && attempts < ATTEMPTS) {
    attempts++
    const times = measure(run, inputs)
    leastMs = leastMs.map((ms, index) => Math.min(ms, times[index]!))
    ratio = Math.min(ratio, greatestRatio(times), greatestRatio(leastMs))
  }
  return { name, ratio, attempts }
}

function report(what: string, results: readonly Result[]): void {
  const worst = results.reduce((a, b) => (b.ratio > a.ratio ? b : a))
  console.log(`proof: time(2n)/time(n) of ${results.length} hostile families for the ${what}: median ${medianOf(results.map(({ ratio }) => ratio)).toFixed(2)}, worst ${worst.ratio.toFixed(2)} (${worst.name}), at most ${Math.max(...results.map(({ attempts }) => attempts))} attempts`)
  expect(results.filter(({ ratio }) => ratio > HIGHEST_RATIO)).toEqual([])
}

test('reading a frame twice as long takes at most 2.2 times as long, whatever it is made of', () => {
  const batches = new Map(FRAME_LENGTHS.map((length) => [length as number, createBatch(8, length)]))
  const parser = createParser(createInterner({ capacity: 8, maxKeyBytes: 253, arenaBytes: 4096 }))
  let placed: Uint8Array | undefined
  const frame: FrameRow = { row: 0, start: 0, length: 0, receivedMs: 1_795_353_700_000, faults: 0, form: 'syslog' }
  report('parser', FRAMES.map((of) => ratioOf((bytes) => {
    const batch = batches.get(bytes.length)!
    if (placed !== bytes) batch.bytes.set((placed = bytes))
    frame.length = bytes.length
    frame.form = of.form ?? 'syslog'
    for (const column of [batch.hostLen, batch.appLen, batch.procLen, batch.msgidLen, batch.sdLen, batch.labelLen]) column[0] = 0
    parser.parse(batch, frame)
  }, { family: of, lengths: FRAME_LENGTHS })))
})

test.for([
  ['in one chunk', Infinity],
  ['in chunks of 100 bytes', 100],
] as const)('framing a stream twice as long takes at most 2.2 times as long, %s', ([how, chunkBytes]) => {
  const sink = { frame: () => true, cut: () => undefined }
  report(`framer, ${how}`, STREAMS.map((of) => ratioOf((bytes) => {
    const framer = new StreamFramer({ maxFrameBytes: 65_535, heldBudget: { freeBytes: 1 << 26 } })
    for (let at = 0; at < bytes.length; ) at += framer.push(chunkBytes === Infinity && at === 0 ? bytes : bytes.subarray(at, at + chunkBytes), sink)
    framer.end(sink)
    framer.close()
  }, { family: of, lengths: STREAM_LENGTHS })))
})
