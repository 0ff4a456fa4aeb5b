import { expect, test } from 'vitest'
import { faultList } from '#domain/message.ts'
import { StreamFramer } from '../../../../src/ingest/framing/stream-framer.ts'

const MAX = 16

function framesOf(stream: string, { heldBudget = { freeBytes: 1 << 20 }, max = MAX } = {}) {
  const framer = new StreamFramer({ maxFrameBytes: max, heldBudget })
  const frames: string[] = []
  let cut = 0
  const sink = {
    frame(bytes: Uint8Array, start: number, end: number, faults: number) {
      frames.push([Buffer.from(bytes.subarray(start, end)).toString('latin1'), ...faultList(faults)].join(' | '))
      return true
    },
    cut: (bytes: number) => void (cut += bytes),
  }
  for (const chunk of stream.split('~')) framer.push(Buffer.from(chunk, 'latin1'), sink)
  framer.end(sink)
  framer.close()
  return { frames, cut }
}

/** `~` parts the stream into chunks. */
test.for([
  { why: 'newline', stream: '<1>a\n<1>b\n', frames: ['<1>a', '<1>b'] },
  { why: 'CR before the newline is stripped, only one', stream: '<1>a\r\r\n', frames: ['<1>a\r'] },
  { why: 'NUL ends a line, and a newline behind it is nothing', stream: '<1>a\0\n<1>b\0', frames: ['<1>a', '<1>b'] },
  { why: 'empty lines are no frames', stream: '\n\r\n\0<1>a\n\n', frames: ['<1>a'] },
  { why: 'octet counting', stream: '5 <1>ab6 <1>\nab', frames: ['<1>ab', '<1>\nab'] },
  { why: 'a counted frame in pieces', stream: '1~0~ ~<1>abc~defg<2>x\n', frames: ['<1>abcdefg', '<2>x'] },
  { why: 'blank and newline behind a counted frame are nothing', stream: '5 <1>ab \n5 <1>cd\n<1>e\n', frames: ['<1>ab', '<1>cd', '<1>e'] },
  // no counts
  { why: 'digits without a blank and a priority are text', stream: '16<1>1\n192.168.1.42 - -\n17 x\n', frames: ['16<1>1', '192.168.1.42 - -', '17 x'] },
  { why: 'a year, a list and a nil are text', stream: '2026 was good\n3 <nil> values\n1,2,3 <4>\n', frames: ['2026 was good', '3 <nil> values', '1,2,3 <4>'] },
  { why: 'a priority of four digits or none is no priority', stream: '9 <1234>a\n9 <>a\n', frames: ['9 <1234>a', '9 <>a'] },
  { why: 'eleven digits are text', stream: '00000000005 <1>a\n', frames: ['00000000005 <1>a'] },
  { why: 'a counted frame inside a line is text', stream: '<1>see 5 <1>ab\n', frames: ['<1>see 5 <1>ab'] },
  { why: 'a web client: its lines are kept', stream: 'GET / HTTP/1.1\r\nHost: hub\r\n\r\n', frames: ['GET / HTTP/1.1', 'Host: hub'] },
  // unusual counts
  { why: 'leading zeros are a count all the same', stream: '05 <1>ab00006 <1>abc', frames: ['<1>ab', '<1>abc'] },
  { why: 'a counted frame that is a priority only', stream: '3 <1>4 <22><1>a\n', frames: ['<1>', '<22>', '<1>a'] },
  { why: 'a count that includes the newline: it stays with the frame', stream: '6 <1>ab\n6 <1>cd\n', frames: ['<1>ab\n', '<1>cd\n'] },
  { why: 'a count without the newline that follows', stream: '5 <1>ab\n5 <1>cd\r\n5 <1>ef\0', frames: ['<1>ab', '<1>cd', '<1>ef'] },
  // wrong counts
  { why: 'a count of nothing', stream: '0 <1>ab\n<1>c\n', frames: ['0 <1>ab | bad-frame-count', '<1>c'] },
  { why: 'a count that does not hold the priority', stream: '2 <1>ab\n<1>c\n', frames: ['2 <1>ab | bad-frame-count', '<1>c'] },
  { why: 'a count above 1 MiB swallows nothing', stream: '1048577 <1>ab\n<1>c\n', frames: ['1048577 <1>ab | bad-frame-count', '<1>c'] },
  { why: 'a count of ten digits swallows nothing', stream: '9999999999 <1>\n5 <1>ab', frames: ['9999999999 <1> | bad-frame-count', '<1>ab'], max: 24 },
  { why: 'a count too small: the rest of the line is marked and the next one is whole', stream: '5 <1>abcdef\n<1>g\n', frames: ['<1>ab', 'cdef | bad-frame-count', '<1>g'] },
  { why: 'characters counted instead of bytes, without newlines: the next count brings it back', stream: '6 <1>\xc3\xbcb\xc3\xa47 <1>abcd', frames: ['<1>\xc3\xbcb', '\xc3\xa4 | bad-frame-count', '<1>abcd'] },
  { why: 'the same byte by byte', stream: '6~ ~<~1~>~\xc3~\xbc~b~\xc3~\xa4~7~ ~<~1~>~a~b~c~d', frames: ['<1>\xc3\xbcb', '\xc3\xa4 | bad-frame-count', '<1>abcd'] },
  { why: 'a count too large swallows the beginning of the next frame; the one after that is whole', stream: '8 <1>ab\n5 <1>cd\n5 <1>ef\n', frames: ['<1>ab\n5 ', '<1>cd', '<1>ef'] },
  { why: 'a count too large, without newlines', stream: '9 <1>ab5 <1>cd5 <1>ef', frames: ['<1>ab5 <1', '>cd | bad-frame-count', '<1>ef'] },
  { why: 'a counted frame in the text of a counted frame is text, whatever it says', stream: '15 <1>a\n5 <1>evil\n5 <1>b!', frames: ['<1>a\n5 <1>evil\n', '<1>b!'] },
  { why: 'what is left behind over the limit is cut, and the next count is still found', stream: '3 <1>0123456789012345678 5 <1>ab', frames: ['<1>', '0123456789012345 | truncated | bad-frame-count', '<1>ab'], cut: 4 },
  { why: 'a line end behind a counted frame shows that its count was right', stream: '5 <1>ab\nplain\n5 <1>cd', frames: ['<1>ab', 'plain', '<1>cd'] },
  // counts without a priority behind them
  { why: 'behind counted frames, a count that is exact up to the newline is one', stream: '5 <1>ab\n5 hello\n6 hello\n\n5 <1>cd\n', frames: ['<1>ab', 'hello', 'hello', '<1>cd'] },
  { why: 'or up to the next count', stream: '5 <1>ab5 hello5 <1>cd', frames: ['<1>ab', 'hello', '<1>cd'] },
  { why: 'or up to the end of the stream', stream: '5 <1>ab5 hello', frames: ['<1>ab', 'hello'] },
  { why: 'several without newlines, each exact', stream: '5 <1>ab5 hello4 more5 <1>cd', frames: ['<1>ab', 'hello', 'more', '<1>cd'] },
  { why: 'with CR LF, in the count or not', stream: '5 <1>ab\r\n5 hello\r\n6 hello\r\n7 hello\r\n', frames: ['<1>ab', 'hello', 'hello', 'hello'] },
  { why: 'at the start of a stream, if they lead to a count with a priority', stream: '5~ is u~p3 two5 <~1>ab', frames: ['is up', 'two', '<1>ab'] },
  { why: 'a number that is not exact is text', stream: '5 <1>ab\n12 of 20 up\n', frames: ['<1>ab', '12 of 20 up'] },
  { why: 'once a line was sent, it is text', stream: '5 <1>ab\n<1>line\n5 <1>cd\n7 of them\n', frames: ['<1>ab', '<1>line', '<1>cd', '7 of them'] },
  { why: 'at the start of a stream a line end proves nothing', stream: '7 of them\n5 hello\n', frames: ['7 of them', '5 hello'] },
  { why: 'nor does a count that the numbers do not lead to', stream: '6 hello5 <1>ab\n', frames: ['6 hello5 <1>ab'] },
  // other protocols
  { why: 'a TLS client: its first record is one frame', stream: '\x16\x03\x01~\x00\x06ab\0d\ne<1>x\n', frames: ['\x16\x03\x01\x00\x06ab\0d\ne', '<1>x'] },
  { why: 'a TLS record later is text', stream: '<1>x\n\x16\x03\x01\x02\n', frames: ['<1>x', '\x16\x03\x01\x02'] },
  // limits
  { why: 'a line at the limit is whole, with its CR outside', stream: '<1>0123456789012\r\n', frames: ['<1>0123456789012'] },
  { why: 'a line over the limit is cut', stream: '<1>01234567890123\n<1>b\n', frames: ['<1>0123456789012 | truncated', '<1>b'], cut: 1 },
  { why: 'a line over the limit in pieces is cut', stream: '<1>01234567~89012345~6789\n<1>b\n', frames: ['<1>0123456789012 | truncated', '<1>b'], cut: 7 },
  { why: 'a counted frame over the limit is cut, its rest skipped', stream: '20 <1>0123456789~0123456<1>b\n', frames: ['<1>0123456789012 | truncated', '<1>b'], cut: 4 },
  { why: 'the end of the stream ends a line', stream: '<1>a\n<1>b', frames: ['<1>a', '<1>b | unterminated-frame'] },
  { why: 'the end of the stream ends a counted frame', stream: '9 <1>ab', frames: ['<1>ab | unterminated-frame'] },
  { why: 'the end of the stream ends what might have been a count', stream: '12', frames: ['12 | unterminated-frame'] },
])('$why', ({ stream, frames, cut = 0, max }) => {
  expect(framesOf(stream, { max })).toEqual({ frames, cut })
})

test('when the memory for incomplete frames is used up, a frame in pieces is cut and the stream goes on', () => {
  const outcome = framesOf('<1>abc~def\n<1>whole\n9 <1>~abcdef<1>b\n', { heldBudget: { freeBytes: 100 } })
  expect(outcome).toEqual({ frames: ['<1>abc | truncated', '<1>whole', '<1> | truncated', '<1>b'], cut: 9 })
})

test('a flood of random bytes is framed in a few hundred kilobytes', () => {
  const heldBudget = { freeBytes: 1 << 20 }
  const framer = new StreamFramer({ maxFrameBytes: 65_535, heldBudget })
  const chunk = new Uint8Array(1 << 16)
  let [state, takenBytes, leastFreeBytes] = [1, 0, heldBudget.freeBytes]
  const sink = {
    frame: (_: Uint8Array, start: number, end: number) => ((takenBytes += end - start), true),
    cut: (bytes: number) => void (takenBytes += bytes),
  }
  for (let k = 0; k < 128; k++) {
    // A sixth of the chunks has no line end, a sixth nothing but digits, blanks and brackets.
    for (let i = 0; i < chunk.length; i++) chunk[i] = garble((state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) >>> 24, k % 6)
    expect(framer.push(chunk, sink)).toBe(chunk.length)
    leastFreeBytes = Math.min(leastFreeBytes, heldBudget.freeBytes)
  }
  framer.end(sink)
  framer.close()
  expect(takenBytes).toBeGreaterThan(0.95 * 128 * chunk.length) // the rest are line ends and counts
  expect(heldBudget.freeBytes).toBe(1 << 20)
  expect((1 << 20) - leastFreeBytes).toBeLessThanOrEqual(2 * 65_537)
})

const DAMAGE = Buffer.from('0123456789 <>  9 <1>')
const garble = (byte: number, kind: number): number => (kind === 0 ? 128 | byte : kind === 1 ? DAMAGE[byte % DAMAGE.length]! : byte)
