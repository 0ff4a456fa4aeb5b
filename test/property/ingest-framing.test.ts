import fc from 'fast-check'
import { expect, test } from 'vitest'
import { faultList } from '#domain/message.ts'
import { StreamFramer } from '../../src/ingest/framing/stream-framer.ts'
import { frameByTheRules } from '../support/framing/reference-framer.ts'

const MAX_FRAME = 24
interface Outcome { readonly frames: readonly string[]; readonly cutBytes: number; readonly heldBytes: number }

/** Frames as `bytes | fault | …`; `refuse` says for each offer whether the sink refuses it. */
function frame(chunks: readonly Buffer[], refuse: () => boolean = () => false): Outcome {
  const heldBudget = { freeBytes: 1 << 20 }
  const framer = new StreamFramer({ maxFrameBytes: MAX_FRAME, heldBudget })
  const frames: string[] = []
  let cutBytes = 0
  const sink = {
    frame(bytes: Uint8Array, start: number, end: number, faults: number) {
      if (refuse()) return false
      frames.push([Buffer.from(bytes.subarray(start, end)).toString('latin1'), ...faultList(faults)].join(' | '))
      return true
    },
    cut: (bytes: number) => void (cutBytes += bytes),
  }
  for (const chunk of chunks) for (let at = 0; at < chunk.length || framer.isOwed; ) at += framer.push(chunk.subarray(at), sink)
  while (!framer.end(sink)) continue
  framer.close()
  return { frames, cutBytes, heldBytes: (1 << 20) - heldBudget.freeBytes }
}

const text = fc.string({ unit: fc.constantFrom('a', '<', '1', '3', '>', ' ', '\r', '\x80'), maxLength: 40 }).map((value) => Buffer.from(value, 'latin1'))
const counted = (count: number, body: Buffer): Buffer => Buffer.concat([Buffer.from(`${count} `), body])
const message = fc.oneof(
  text.map((body) => Buffer.concat([body, Buffer.from('\n')])),
  text.map((body) => Buffer.concat([body, Buffer.from('\r\n')])),
  text.map((body) => Buffer.concat([body, Buffer.from('\0')])),
  text.map((body) => Buffer.concat([Buffer.from(`${body.length + 4} <13>`), body])),
  text.map((body) => Buffer.concat([Buffer.from(`00${body.length + 5} <13>`), body, Buffer.from('\n')])),
  text.map((body) => counted(body.length, body)), // no priority
  text.map((body) => counted(body.length, Buffer.concat([body, Buffer.from('\n')]))),
  fc.tuple(fc.integer({ min: 0, max: 60 }), text).map(([count, body]) => Buffer.concat([Buffer.from(`${count} <1>`), body])), // a wrong count
)
const PIECES = ['1', '9', '0', ' ', '<', '>', 'a', '\n', '\r', '\0', '12 <', '9 <13>', '12 <1>', '5 hello', '6 hello\n', '1048577 <1>', '99999999 <1>', '0 <0>', '12345678901 <1>', '\x16\x03\x01\x00\x09', '\x16']
const soup = fc.array(fc.constantFrom(...PIECES), { maxLength: 60 }).map((parts) => Buffer.from(parts.join(''), 'latin1'))
const stream = fc.oneof(fc.array(message, { maxLength: 12 }).map((parts) => Buffer.concat(parts)), soup, fc.array(fc.oneof(message, soup), { maxLength: 6 }).map((parts) => Buffer.concat(parts)))
const cuts = fc.array(fc.nat({ max: 400 }), { maxLength: 30 })

function split(bytes: Buffer, at: readonly number[]): Buffer[] {
  const edges = [0, ...at.map((value) => value % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length]
  return edges.slice(1).map((edge, i) => bytes.subarray(edges[i], edge))
}

test('the framer does what the rules say, written a second time and slowly', () => {
  fc.assert(
    fc.property(stream, cuts, (bytes, at) => {
      const { frames, cutBytes } = frame(split(bytes, at))
      expect({ frames, cutBytes }).toEqual({ ...frameByTheRules(bytes.toString('latin1'), MAX_FRAME) })
    }),
    { numRuns: 5000 },
  )
})

test('any split of a stream gives the same frames and the same loss', () => {
  fc.assert(
    fc.property(stream, cuts, (bytes, at) => {
      expect(frame(split(bytes, at))).toEqual(frame([bytes]))
    }),
    { numRuns: 3000 },
  )
})

test('byte by byte gives the same frames', () => {
  fc.assert(
    fc.property(stream, (bytes) => {
      expect(frame(Array.from(bytes, (_, i) => bytes.subarray(i, i + 1)))).toEqual(frame([bytes]))
    }),
    { numRuns: 1000 },
  )
})

test('a sink that refuses now and then gets the same frames in the end', () => {
  fc.assert(
    fc.property(stream, cuts, fc.infiniteStream(fc.boolean()), (bytes, at, answers) => {
      expect(frame(split(bytes, at), () => answers.next().value === true)).toEqual(frame([bytes]))
    }),
    { numRuns: 1000 },
  )
})

test('no memory stays held, and no byte of a well-framed stream is lost', () => {
  const body = fc.string({ unit: fc.constantFrom('a', 'b', '<', '>', ' '), minLength: 1, maxLength: MAX_FRAME - 4 })
  const framed = fc.tuple(body, fc.constantFrom('count', 'newline', 'return', 'nul'))
  const wire = { newline: '\n', return: '\r\n', nul: '\0', count: '' } as const
  fc.assert(
    fc.property(fc.array(framed, { maxLength: 20 }), cuts, (messages, at) => {
      const bytes = Buffer.from(messages.map(([value, kind]) => (kind === 'count' ? `${value.length + 4} <13>${value}` : `<13>${value}${wire[kind]}`)).join(''))
      expect(frame(split(bytes, at))).toEqual({ frames: messages.map(([value]) => `<13>${value}`), cutBytes: 0, heldBytes: 0 })
    }),
    { numRuns: 1000 },
  )
})
