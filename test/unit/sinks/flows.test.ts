import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createLineBuffer } from '../../../src/sinks/lines/line-buffer.ts'
import type { Flow } from '../../../src/sinks/upstream/flow.ts'
import { RelpAnswers, type RelpAnswer } from '../../../src/sinks/upstream/relp-answers.ts'
import { ANSWER_WITHIN_MS, createRelpFlow } from '../../../src/sinks/upstream/relp-flow.ts'
import { createStreamFlow, REWIND_BYTES, REWIND_MS } from '../../../src/sinks/upstream/stream-flow.ts'

const FROM = { seq: 100, count: 10 }
const message = Buffer.from('<13>1 …')

function aRelpFlow(window = 4) {
  const time = { nowMs: 0 }
  const flow = createRelpFlow({ from: FROM, window, elapsedMs: () => time.nowMs })
  return { flow, time }
}

/** Frames so many messages; the seq of each is two more than that of the one before. */
function send(flow: Flow, messages: number, bytes: Uint8Array = message): string {
  const out = createLineBuffer()
  for (let i = 1; i <= messages; i++) flow.frame(out, bytes, { seq: 100 + 2 * i, count: 10 + i })
  flow.passed({ seq: 101 + 2 * messages, count: 10 + messages })
  return out.bytes.toString('utf8', 0, out.length)
}
const say = (flow: Flow, text: string) => flow.take(Buffer.from(text))

test('RELP: the server takes messages once it has made its offers', () => {
  const { flow } = aRelpFlow()
  expect(flow.greeting!.toString()).toBe('1 open 52 relp_version=0\nrelp_software=hps-hub\ncommands=syslog\n')
  expect(flow.isOpen).toBe(false)
  expect(say(flow, '1 rsp 37 200 OK\nrelp_version=0\ncommands=sys')).toBeUndefined()
  expect(flow.isOpen).toBe(false)
  say(flow, 'log\n')
  expect(flow.isOpen).toBe(true)
})

test('RELP: an answer behind one that is missing does not move the place; the last one moves it over what is not for the sink', () => {
  const { flow } = aRelpFlow()
  say(flow, '1 rsp 6 200 OK\n')
  expect(flow.isOpen).toBe(true)
  expect(send(flow, 3)).toBe('2 syslog 9 <13>1 …\n3 syslog 9 <13>1 …\n4 syslog 9 <13>1 …\n')
  say(flow, '3 rsp 6 200 OK\n')
  expect([flow.arrived(), flow.inFlight]).toEqual([FROM, 3])
  say(flow, '2 rsp 6 200 OK\n')
  expect([flow.arrived(), flow.inFlight]).toEqual([{ seq: 104, count: 12 }, 1])
  say(flow, '4 rsp 0\n')
  expect([flow.arrived(), flow.inFlight]).toEqual([{ seq: 107, count: 13 }, 0])
})

test('RELP: no more than the window, and no more bytes than there may be, are on the way; one message always is', () => {
  const { flow } = aRelpFlow()
  expect(flow.hasRoom()).toBe(true)
  send(flow, 4)
  expect(flow.hasRoom()).toBe(false)
  const { flow: heavy } = aRelpFlow(1000)
  send(heavy, 1, Buffer.alloc(5 * 1024 * 1024))
  expect(heavy.hasRoom()).toBe(false)
})

test.for<[answer: string, fault: string]>([
  ['2 rsp 11 500 no room\n', 'refused'], ['0 serverclose 0\n', 'closed'], ['99 rsp 6 200 OK\n', 'protocol'], ['HTTP/1.1 400 Bad Request\r\n', 'protocol'], ['2 syslog 1 x\n', 'protocol'], ['2 rsp 6 200 OK?', 'protocol'],
])('RELP: %j ends the connection as %s', ([answer, fault]) => {
  const { flow } = aRelpFlow()
  say(flow, '1 rsp 6 200 OK\n')
  send(flow, 1)
  expect(say(flow, answer)).toMatchObject({ fault })
  expect(flow.arrived()).toEqual(FROM)
})

test('RELP: a server that takes messages and acknowledges none is noticed; one that has none to acknowledge is not', () => {
  const { flow, time } = aRelpFlow()
  say(flow, '1 rsp 6 200 OK\n')
  time.nowMs += 10 * ANSWER_WITHIN_MS
  expect(flow.overdue()).toBeUndefined()
  send(flow, 2)
  time.nowMs += ANSWER_WITHIN_MS - 1
  expect(flow.overdue()).toBeUndefined()
  say(flow, '2 rsp 6 200 OK\n')
  time.nowMs += ANSWER_WITHIN_MS - 1
  expect(flow.overdue()).toBeUndefined()
  time.nowMs++
  expect(flow.overdue()).toMatchObject({ fault: 'timeout' })
})

test('RELP: a server that never makes its offers is noticed', () => {
  const { flow, time } = aRelpFlow()
  time.nowMs += ANSWER_WITHIN_MS
  expect(flow.overdue()).toMatchObject({ fault: 'timeout' })
})

test('answers are read the same however they are split', () => {
  const answers = fc.array(fc.record({ transaction: fc.nat(999_999_999), command: fc.constantFrom('rsp', 'serverclose'), data: fc.stringMatching(/^[ -~\n]{0,30}$/) }), { minLength: 1, maxLength: 8 })
  fc.assert(fc.property(answers, fc.array(fc.nat(400), { maxLength: 8 }), fc.boolean(), (wanted, cuts, isBlank) => {
    const bytes = Buffer.from(wanted.map(({ transaction, command, data }) => `${transaction} ${command} ${data.length}${data === '' && !isBlank ? '' : ' '}${data}\n`).join(''))
    const reader = new RelpAnswers()
    const places = [0, ...cuts.map((cut) => cut % bytes.length).toSorted((a, b) => a - b), bytes.length]
    const read: RelpAnswer[] = []
    for (let i = 1; i < places.length; i++) read.push(...reader.take(bytes.subarray(places[i - 1], places[i]))!)
    expect(read).toEqual(wanted)
  }))
})

function aStreamFlow() {
  const state = { nowMs: 0, waitingBytes: 0 }
  return { flow: createStreamFlow({ from: FROM, elapsedMs: () => state.nowMs, waitingBytes: () => state.waitingBytes }), state }
}
/** One message of so many bytes, its frame included. */
function sendOne(flow: Flow, count: number, bytes = 1000): void {
  flow.frame(createLineBuffer(), Buffer.alloc(bytes - String(bytes).length - 1), { seq: 100 + count, count })
  flow.passed({ seq: 100 + count, count })
}

test('TCP: the frame is counted in octets', () => {
  expect(send(aStreamFlow().flow, 2)).toBe('9 <13>1 …9 <13>1 …')
})

test('TCP: the place stays ten seconds and a mebibyte behind, both', () => {
  const { flow, state } = aStreamFlow()
  for (let count = 11; count <= 20; count++) sendOne(flow, count)
  state.nowMs += REWIND_MS
  expect(flow.arrived()).toEqual(FROM)
  sendOne(flow, 21, REWIND_BYTES)
  expect(flow.arrived()).toEqual({ seq: 120, count: 20 })
  sendOne(flow, 22, REWIND_BYTES)
  expect(flow.arrived()).toEqual({ seq: 120, count: 20 })
  state.nowMs += REWIND_MS
  expect(flow.arrived()).toEqual({ seq: 121, count: 21 })
})

test('TCP: what has not left this process has not arrived, however long ago it was', () => {
  const { flow, state } = aStreamFlow()
  sendOne(flow, 11)
  state.waitingBytes = 1
  state.nowMs += 24 * 3_600_000
  expect(flow.arrived()).toEqual(FROM)
  state.waitingBytes = 0
  expect(flow.arrived()).toEqual({ seq: 111, count: 11 })
})

test('TCP: a connection that ended in order took everything', () => {
  const { flow } = aStreamFlow()
  sendOne(flow, 11)
  expect(flow.arrived()).toEqual(FROM)
  flow.ended()
  expect(flow.arrived()).toEqual({ seq: 111, count: 11 })
})

test('TCP: however much is sent, what is remembered of it is bounded, and the place is never ahead', () => {
  const { flow, state } = aStreamFlow()
  for (let count = 11; count < 50_000; count++) {
    sendOne(flow, count, 500)
    state.nowMs++
    const behind = flow.inFlight
    expect(behind * 500 >= Math.min(REWIND_BYTES, (count - 10) * 500) - 500).toBe(true)
    expect(behind).toBeLessThan(40_000)
  }
})

test('TCP: a server that takes nothing is noticed, one that takes a little is not', () => {
  const { flow, state } = aStreamFlow()
  sendOne(flow, 11, 100_000)
  state.waitingBytes = 90_000
  expect(flow.overdue()).toBeUndefined()
  state.nowMs += 29_000
  state.waitingBytes = 80_000
  expect(flow.overdue()).toBeUndefined()
  state.nowMs += 29_999
  expect(flow.overdue()).toBeUndefined()
  state.nowMs++
  expect(flow.overdue()).toMatchObject({ fault: 'timeout' })
})
