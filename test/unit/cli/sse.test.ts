import { fc, test as property } from '@fast-check/vitest'
import { expect, test } from 'vitest'
import { readEvents, type ServerEvent } from '../../../src/cli/sse.ts'

async function* cut(text: string, lengths: readonly number[]): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text)
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const length = lengths[turn % lengths.length]!
    yield bytes.subarray(at, (at += length))
  }
}
async function read(text: string, lengths: readonly number[], maxCharacters?: number): Promise<ServerEvent[]> {
  const events: ServerEvent[] = []
  for await (const event of readEvents(cut(text, lengths), maxCharacters)) events.push(event)
  return events
}

property.prop([fc.array(fc.string({ unit: 'grapheme', maxLength: 12 }), { maxLength: 8 }), fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }), fc.constantFrom('\n', '\r\n')])(
  'events come whole and once, however the stream is cut into pieces',
  async (texts, lengths, end) => {
    const events = texts.map((text, id) => ({ event: 'message', id: String(id), data: JSON.stringify(text) }))
    const stream = events.map(({ id, data }) => `: alive${end}${end}id: ${id}${end}data: ${data}${end}${end}`).join('')
    expect(await read(stream, lengths)).toEqual(events)
  },
)

test('a line separator within a message ends no event and loses none', async () => {
  expect(await read('data: "a\u2028b\u2029c"\n\n', [3])).toEqual([{ event: 'message', id: undefined, data: '"a\u2028b\u2029c"' }])
})

test('an event without an end is not waited for for ever', async () => {
  await expect(read(`data: ${'x'.repeat(100)}`, [10], 50)).rejects.toThrow('without an end')
  expect(await read(`data: ${'x'.repeat(100)}\n\n`, [200], 50)).toHaveLength(1)
})
