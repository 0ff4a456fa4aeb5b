import { expect, test } from 'vitest'
import { createInterner } from '../../../src/ingest/interner.ts'

const intern = (interner: ReturnType<typeof createInterner>, key: string) => interner.intern(Buffer.from(`..${key}..`), 2, 2 + key.length)
const limits = { capacity: 64, maxKeyBytes: 16, arenaBytes: 1024 }

test('equal bytes have equal numbers, from 1 on; no bytes have 0', () => {
  const interner = createInterner(limits)
  expect(['tch-001', 'tch-002', 'tch-001', '', 'tch-00'].map((key) => intern(interner, key))).toEqual([1, 2, 1, 0, 3])
  expect(interner.size).toBe(3)
})

test('a key longer than the limit has no number', () => {
  expect(intern(createInterner(limits), 'x'.repeat(17))).toBe(0)
})

test('a full table says so, keeps what it knows, and starts anew when cleared', () => {
  const interner = createInterner(limits)
  for (let i = 0; i < 64; i++) {
    expect(interner.isFull).toBe(false)
    expect(intern(interner, `host-${i}`)).toBe(i + 1)
  }
  expect(interner.isFull).toBe(true)
  expect(intern(interner, 'one-more')).toBe(0)
  expect(intern(interner, 'host-9')).toBe(10)
  interner.clear()
  expect(interner.isFull).toBe(false)
  expect(intern(interner, 'one-more')).toBe(1)
})

test('a full arena counts as full before a key could be refused', () => {
  const interner = createInterner({ capacity: 64, maxKeyBytes: 16, arenaBytes: 64 })
  for (let i = 0; !interner.isFull; i++) expect(intern(interner, `host-${i}-0123456`.slice(0, 14))).toBe(i + 1)
  expect(interner.size).toBe(4)
})

test('names chosen to collide make the table count as full instead of slow, and keep their numbers', () => {
  const capacity = 1024
  const slotOf = (key: string) => {
    let hash = 0x811c9dc5 | 0
    for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193)
    return (hash ^ (hash >>> 15)) & (capacity * 2 - 1)
  }
  const colliding: string[] = []
  for (let i = 0; colliding.length < 300; i++) if (slotOf(i.toString(36)) < 16) colliding.push(i.toString(36))
  const interner = createInterner({ capacity, maxKeyBytes: 16, arenaBytes: 1 << 16 })
  for (const [i, key] of colliding.slice(0, 200).entries()) expect(intern(interner, key)).toBe(i + 1)
  expect(interner.isFull).toBe(false)
  for (const [i, key] of colliding.entries()) expect(intern(interner, key)).toBe(i + 1)
  expect(interner.isFull).toBe(true)
})
