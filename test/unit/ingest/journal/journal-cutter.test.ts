import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createJournalCutter, MAX_ENTRY_BYTES, MAX_FIELD_BYTES, MAX_FIELDS, MAX_TEXT_BYTES } from '../../../../src/ingest/journal-cutter.ts'
import { readEntry } from '../../../../src/ingest/journal-fields.ts'

type Field = readonly [name: string, value: string]
const size = (bytes: number): Buffer => {
  const buffer = Buffer.alloc(8)
  buffer.writeBigUInt64LE(BigInt(bytes))
  return buffer
}
const binary = (name: string, value: Buffer): Buffer => Buffer.concat([Buffer.from(`${name}\n`), size(value.length), value, Buffer.from('\n')])
/** As journald writes it: a text as a line, anything else in the binary form. */
const fieldBytes = ([name, value]: Field): Buffer => (value.includes('\n') ? binary(name, Buffer.from(value)) : Buffer.from(`${name}=${value}\n`))

/** Entries read from what a cutter gives for these chunks, and whether the bytes were a journal to their end. */
function read(chunks: Iterable<Uint8Array>): { readonly entries: Field[][]; readonly isWhole: boolean } {
  const cutter = createJournalCutter()
  const entries: Field[][] = []
  const collect = (): void => {
    const bytes = cutter.take()
    for (let at = 0; ; ) {
      const entry = readEntry(bytes, at)
      if (entry === undefined) break
      entries.push(entry.fields.map(({ name, value }) => [name, Buffer.from(value).toString()] as const))
      at = entry.next
    }
  }
  for (const chunk of chunks) {
    const isJournal = cutter.push(chunk)
    collect()
    if (!isJournal) return { entries, isWhole: false }
  }
  const isWhole = cutter.end()
  collect()
  return { entries, isWhole }
}

test('wherever the bytes are cut, the entries are the same', () => {
  const name = fc.stringMatching(/^[A-Z_][A-Z0-9_]{0,20}$/)
  const field: fc.Arbitrary<Field> = fc.tuple(name, fc.string({ unit: fc.constantFrom('a', '\n', '=', '\0', 'é', ' '), maxLength: 30 }))
  const entry = fc.array(field, { minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 8 }), fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 }), (entries, sizes) => {
      const bytes = Buffer.concat(entries.flatMap((fields) => [...fields.map(fieldBytes), Buffer.from('\n')]))
      const chunks: Buffer[] = []
      for (let at = 0, n = 0; at < bytes.length; n++) {
        const end = at + sizes[n % sizes.length]!
        chunks.push(bytes.subarray(at, end))
        at = end
      }
      expect(read(chunks)).toEqual({ entries, isWhole: true })
    }),
    { numRuns: 300 },
  )
})

test.for<[string, Buffer, { entries: number; isWhole: boolean }]>([
  ['an entry without an empty line at the end', Buffer.from('MESSAGE=a\n'), { entries: 1, isWhole: true }],
  ['nothing', Buffer.from(''), { entries: 0, isWhole: true }],
  ['empty lines', Buffer.from('\n\n\n'), { entries: 0, isWhole: true }],
  ['a line that ends without a newline', Buffer.from('MESSAGE=a\n\nMESSAGE=b'), { entries: 1, isWhole: false }],
  ['a value that ends early', Buffer.concat([Buffer.from('MESSAGE\n'), size(10), Buffer.from('abc')]), { entries: 0, isWhole: false }],
  ['a value without its newline', Buffer.concat([Buffer.from('A=1\n\nMESSAGE\n'), size(1), Buffer.from('ab')]), { entries: 1, isWhole: false }],
  ['a size that no journal has', Buffer.concat([Buffer.from('A=1\n\nMESSAGE\n'), size(2 ** 40), Buffer.from('ab')]), { entries: 1, isWhole: false }],
  ['a name that is none', Buffer.from('A=1\n\nmessage=x\n\n'), { entries: 1, isWhole: false }],
  ['a body of JSON', Buffer.from('{"MESSAGE":"x"}\n'), { entries: 0, isWhole: false }],
  ['a value of no bytes', Buffer.concat([binary('MESSAGE', Buffer.alloc(0)), Buffer.from('\n')]), { entries: 1, isWhole: true }],
])('%s', ([, bytes, expected]) => {
  const { entries, isWhole } = read([bytes])
  expect({ entries: entries.length, isWhole }).toEqual(expected)
})

test('a core dump takes no memory, and the text behind it is kept', () => {
  const chunk = Buffer.alloc(1 << 20, 'x')
  const { entries, isWhole } = read([
    Buffer.concat([Buffer.from('COREDUMP\n'), size(64 << 20)]),
    ...Array.from({ length: 64 }, () => chunk),
    Buffer.from('\nMESSAGE=crashed\n\n'),
  ])
  expect(isWhole).toBe(true)
  expect(entries[0]!.map(([name, value]) => [name, value.length])).toEqual([['COREDUMP', MAX_FIELD_BYTES], ['MESSAGE', 7]])
})

test('a text longer than a message is cut, a line too', () => {
  const { entries } = read([Buffer.from(`MESSAGE=${'x'.repeat(200_000)}\nOTHER=${'y'.repeat(200_000)}\n\n`)])
  expect(entries[0]!.map(([name, value]) => [name, value.length])).toEqual([['MESSAGE', MAX_TEXT_BYTES], ['OTHER', MAX_FIELD_BYTES]])
})

test('an entry of more fields than it may have keeps the first, and its text', () => {
  const fields = Array.from({ length: 1000 }, (_, n) => `F${n}=${'z'.repeat(4000)}\n`).join('')
  const { entries } = read([Buffer.from(`${fields}MESSAGE=still here\n\n`)])
  expect(entries[0]!.reduce((sum, [, value]) => sum + value.length, 0)).toBeLessThanOrEqual(MAX_ENTRY_BYTES + MAX_TEXT_BYTES)
  expect(entries[0]!.at(-1)).toEqual(['MESSAGE', 'still here'])
})

test('an entry that never ends keeps its first text, and no more of them', () => {
  const cutter = createJournalCutter()
  for (let n = 0; n < 100; n++) cutter.push(Buffer.from(`MESSAGE=${n}${'x'.repeat(MAX_TEXT_BYTES - 3)}\n`))
  cutter.push(Buffer.from('\nMESSAGE=next\n\n'))
  const bytes = cutter.take()
  expect(bytes.length).toBeLessThan(2 * MAX_TEXT_BYTES)
  const first = readEntry(bytes, 0)!
  expect(first.fields.map(({ value }) => Buffer.from(value.subarray(0, 2)).toString())).toEqual(['0x'])
  expect(readEntry(bytes, first.next)!.fields.map(({ value }) => Buffer.from(value).toString())).toEqual(['next'])
})

test('an entry of a quarter of a million empty fields is cut down, and its text is kept', () => {
  const { entries } = read([Buffer.from(`${'A=\n'.repeat(250_000)}MESSAGE=here\n\n`)])
  expect(entries.map((entry) => [entry.length, entry.at(-1)])).toEqual([[MAX_FIELDS + 1, ['MESSAGE', 'here']]])
})
