import { expect, test } from 'vitest'
import { faultList } from '#domain/message.ts'
import { StreamFramer } from '../../../../src/ingest/framing/stream-framer.ts'

const MAX = 16

function framesOf(stream: string, heldBudget = { freeBytes: 1 << 20 }) {
  const framer = new StreamFramer({ maxFrameBytes: MAX, heldBudget })
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
  { why: 'digits without ` <` are text', stream: '16<1>1\n192.168.1.42 - -\n17 x\n', frames: ['16<1>1', '192.168.1.42 - -', '17 x'] },
  { why: 'a leading zero is text', stream: '05 <1>ab\n', frames: ['05 <1>ab'] },
  { why: 'nine digits are text', stream: '123456789 <1>a\n', frames: ['123456789 <1>a'] },
  { why: 'a count too small: the rest of the line is marked and the next one is whole', stream: '5 <1>abcdef\n<1>g\n', frames: ['<1>ab', 'cdef | bad-frame-count', '<1>g'] },
  { why: 'a line at the limit is whole, with its CR outside', stream: '<1>0123456789012\r\n', frames: ['<1>0123456789012'] },
  { why: 'a line over the limit is cut', stream: '<1>01234567890123\n<1>b\n', frames: ['<1>0123456789012 | truncated', '<1>b'], cut: 1 },
  { why: 'a line over the limit in pieces is cut', stream: '<1>01234567~89012345~6789\n<1>b\n', frames: ['<1>0123456789012 | truncated', '<1>b'], cut: 7 },
  { why: 'a counted frame over the limit is cut, its rest skipped', stream: '20 <1>0123456789~0123456<1>b\n', frames: ['<1>0123456789012 | truncated', '<1>b'], cut: 4 },
  { why: 'the end of the stream ends a line', stream: '<1>a\n<1>b', frames: ['<1>a', '<1>b | unterminated-frame'] },
  { why: 'the end of the stream ends a counted frame', stream: '9 <1>ab', frames: ['<1>ab | unterminated-frame'] },
  { why: 'the end of the stream ends what might have been a count', stream: '12', frames: ['12 | unterminated-frame'] },
])('$why', ({ stream, frames, cut = 0 }) => {
  expect(framesOf(stream)).toEqual({ frames, cut })
})

test('when the memory for incomplete frames is used up, a frame in pieces is cut and the stream goes on', () => {
  const outcome = framesOf('<1>abc~def\n<1>whole\n9 <1>~abcdef<1>b\n', { freeBytes: 100 })
  expect(outcome).toEqual({ frames: ['<1>abc | truncated', '<1>whole', '<1> | truncated', '<1>b'], cut: 9 })
})
