import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createFrameReader, tagFault, type TagSetting } from '#ingest/index.ts'
import { createNeedle, holdsNeedle } from '../../src/ingest/tags/tag-rule.ts'

/** Little words, so that literals, words and names meet. */
const WORDS = ['LINK', 'a', 'aa', 'aab', 'up:', 'x[7]', 'x[7]:', '[', ':', 'hps-session', 'kernel', 'Linux version 6', '', ' ', '\n', '\0', 'é', '\u001b[2J', '<13>', '<6>Nov 22 13:21:39 host', '1 - - - - - -', '[s=a1b2c3]', '[    1.5]', '6,1,2,-;']
const words = fc.array(fc.constantFrom(...WORDS), { maxLength: 8 }).map((parts) => parts.join(' '))
const frame = fc.oneof(
  fc.tuple(fc.constantFrom('', '<13>', '<38>', '<6>Nov 22 13:21:39 '), words).map((parts) => Buffer.from(parts.join(''))),
  fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.concat([Buffer.from('<38>'), bytes])),
)
const literal = fc.constantFrom(undefined, 'LINK', 'a', 'aa', 'aab', ' ')
const word = fc.constantFrom(undefined, 1, 2, 3)
const tag: fc.Arbitrary<TagSetting> = fc.record({ starts: literal, contains: literal, app: fc.constantFrom(undefined, 'web', 'kernel', 'dnsmasq-dhcp'), app_word: word, host_word: word }).filter((setting) => tagFault(setting) === undefined)
const RECEIVED_MS = Date.UTC(2026, 10, 22, 13, 21, 40)

test('a mapping changes name, host, process and where the text begins, and nothing else', () => {
  const plain = createFrameReader()
  fc.assert(
    fc.property(frame, fc.array(tag, { minLength: 1, maxLength: 3 }), (bytes, tags) => {
      const before = plain.read({ bytes, receivedMs: RECEIVED_MS })
      const after = createFrameReader({ tags }).read({ bytes, receivedMs: RECEIVED_MS })
      expect(Buffer.from(after.raw).equals(bytes)).toBe(true)
      const { format, facility, severity, sentMs, msgid, structuredData, label, printkUs, hints } = after
      expect({ format, facility, severity, sentMs, msgid, structuredData, label, printkUs, hints }).toEqual({
        format: before.format, facility: before.facility, severity: before.severity, sentMs: before.sentMs, msgid: before.msgid, structuredData: before.structuredData, label: before.label, printkUs: before.printkUs, hints: before.hints,
      })
      expect(before.text.endsWith(after.text)).toBe(true)
      const isMapped = after.faults.includes('mapped-app')
      expect(isMapped).toBe(before.app === '' && after.app !== '')
      if (!isMapped) expect({ ...after, tagIndex: undefined }).toEqual(before)
      else if (tags[after.tagIndex!]!.app !== undefined) expect(after.app).toBe(tags[after.tagIndex!]!.app)
      else expect(before.text).toContain(after.app)
      for (const { from, to } of after.spans) expect(from >= 0 && from < to && to <= bytes.length).toBe(true)
    }),
    { numRuns: 3000 },
  )
})

test('a needle is found where it is, however it overlaps itself', () => {
  const text = fc.array(fc.constantFrom(97, 98), { maxLength: 40 }).map((bytes) => Uint8Array.from(bytes))
  fc.assert(
    fc.property(text, fc.array(fc.constantFrom(97, 98), { minLength: 1, maxLength: 8 }).map((bytes) => Uint8Array.from(bytes)), fc.nat(40), (bytes, wanted, from) => {
      expect(holdsNeedle(createNeedle(wanted), { bytes, from, end: bytes.length })).toBe(Buffer.from(bytes.subarray(from)).includes(Buffer.from(wanted)))
    }),
    { numRuns: 3000 },
  )
})
