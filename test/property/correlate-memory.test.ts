import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import { Arena, MAX_CELL_BYTES } from '#triggers/correlate/memory/arena.ts'
import { ByteReader, ByteWriter } from '#triggers/correlate/memory/bytes.ts'
import { createOwner, SlotStore } from '#triggers/correlate/memory/slot-store.ts'
import { TimerHeap } from '#triggers/correlate/memory/timer-heap.ts'
import { keyText, maskedText, planOf, writeKeyText } from '#triggers/correlate/key-plan.ts'

test.prop([fc.array(fc.tuple(fc.nat(60), fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined })), { maxLength: 300 })])(
  'the heap gives the earliest time, whatever is set anew or removed',
  (steps) => {
    const heap = new TimerHeap()
    heap.grow(61)
    const known = new Map<number, number>()
    for (const [id, due] of steps) {
      if (due === undefined) {
        heap.remove(id)
        known.delete(id)
      } else {
        heap.set(id, due)
        known.set(id, due)
      }
      expect(heap.size).toBe(known.size)
      expect(heap.dueOf(id)).toBe(due ?? Infinity)
      if (known.size > 0) expect(heap.dueOf(heap.first)).toBe(Math.min(...known.values()))
      else expect(heap.first).toBe(-1)
    }
  },
)

test.prop([fc.array(fc.tuple(fc.nat(30), fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: MAX_CELL_BYTES }))), { maxLength: 120 })])(
  'cells never overlap, and what is free is used again',
  (steps) => {
    const arena = new Arena()
    const cells = new Map<number, { address: number; bytes: number }>()
    const fill = (address: number, bytes: number, value: number) => arena.u8At(address).fill(value, arena.wordOf(address) * 8, arena.wordOf(address) * 8 + bytes)
    for (const [id, bytes] of steps) {
      const known = cells.get(id)
      if (known === undefined) {
        const address = arena.allocate(bytes)
        expect(arena.roomAt(address)).toBeGreaterThanOrEqual(bytes)
        fill(address, bytes, id + 1)
        cells.set(id, { address, bytes })
      } else {
        const from = arena.wordOf(known.address) * 8
        expect(arena.u8At(known.address).subarray(from, from + known.bytes).every((byte) => byte === id + 1)).toBe(true)
        arena.free(known.address)
        cells.delete(id)
      }
    }
    expect(arena.usedBytes).toBe([...cells.values()].reduce((sum, { address }) => sum + arena.roomAt(address), 0))
    for (const { address } of cells.values()) arena.free(address)
    expect(arena.usedBytes).toBe(0)
    const held = arena.heldBytes
    if (steps.length > 0) arena.allocate(steps[0]![1])
    expect(arena.heldBytes).toBe(held)
  },
)

/** Few keys, so that they come again; seeds and lengths that make them meet in the table. */
const key = fc.tuple(fc.nat(2), fc.stringMatching(/^[ab]{0,3}$/))
const step = fc.oneof(
  fc.record({ kind: fc.constant('put' as const), key, state: fc.uint8Array({ maxLength: 60 }) }),
  fc.record({ kind: fc.constant('remove' as const), key }),
  fc.record({ kind: fc.constant('touch' as const), key }),
)
test.prop([fc.integer(), fc.array(step, { maxLength: 200 })])('the store of keys is a map by rule and key that knows what was touched longest ago', (seed, steps) => {
  const store = new SlotStore(seed)
  const owners = [createOwner(0), createOwner(1), createOwner(2)]
  const known = owners.map(() => new Map<string, Uint8Array>())
  for (const one of steps) {
    const [number, text] = one.key
    const owner = owners[number]!
    const map = known[number]!
    const bytes = Buffer.from(text)
    let slot = store.find(owner, bytes, bytes.length)
    expect(slot >= 0).toBe(map.has(text))
    if (one.kind === 'put') {
      if (slot < 0) slot = store.add(owner, bytes, { length: bytes.length, stateBytes: one.state.length, pinned: 0 })
      else store.touch(owner, slot)
      store.write(slot, one.state)
      map.delete(text)
      map.set(text, one.state)
    } else if (slot >= 0 && one.kind === 'remove') {
      store.remove(owner, slot)
      map.delete(text)
    } else if (slot >= 0) {
      store.touch(owner, slot)
      const state = map.get(text)!
      map.delete(text)
      map.set(text, state)
    }
  }
  expect(store.size).toBe(known.reduce((sum, map) => sum + map.size, 0))
  for (const [number, owner] of owners.entries()) {
    expect(owner.count).toBe(known[number]!.size)
    const listed: string[] = []
    for (let slot = owner.newest; slot >= 0; slot = store.olderThan(slot)) listed.unshift(Buffer.from(store.keyOf(slot)).toString())
    expect(listed).toEqual([...known[number]!.keys()])
    for (const [text, state] of known[number]!) expect(Buffer.from(store.stateOf(store.find(owner, Buffer.from(text), text.length)))).toEqual(Buffer.from(state))
  }
})

test('many keys that come and go leave the table as it should be', () => {
  const store = new SlotStore(3)
  const owner = createOwner(0)
  const bytes = (n: number) => Buffer.from(`key ${n}`)
  for (let round = 0; round < 3; round++) {
    for (let n = 0; n < 20_000; n++) store.add(owner, bytes(n), { length: bytes(n).length, stateBytes: 8, pinned: 0 })
    for (let n = 0; n < 20_000; n += 1 + (n % 2)) store.remove(owner, store.find(owner, bytes(n), bytes(n).length))
    for (let n = 0; n < 20_000; n++) {
      const slot = store.find(owner, bytes(n), bytes(n).length)
      if (slot >= 0) store.remove(owner, slot)
    }
    expect([store.size, owner.count, owner.newest, owner.oldest, store.arena.usedBytes]).toEqual([0, 0, -1, -1, 0])
  }
})

const anyText = fc.oneof(fc.string(), fc.string({ unit: 'binary' }).map((text) => text.toWellFormed()))
test.prop([fc.array(fc.oneof(fc.maxSafeNat(), fc.double({ noNaN: true }).map((value) => (value === 0 ? 0 : value)), anyText), { maxLength: 20 })])('numbers and texts come back as they were written', (values) => {
  const writer = new ByteWriter()
  for (const value of values) {
    if (typeof value === 'string') writer.text(value)
    else if (Number.isSafeInteger(value) && value >= 0) writer.varint(value)
    else writer.f64(value)
  }
  const reader = new ByteReader(writer.written)
  for (const value of values) expect(typeof value === 'string' ? reader.text() : Number.isSafeInteger(value) && value >= 0 ? reader.varint() : reader.f64()).toBe(value)
  expect(reader.isAtEnd).toBe(true)
})

test.prop([fc.boolean(), fc.maxSafeNat(), fc.maxSafeNat(), anyText, anyText, fc.nat(15)])('a key comes back from its text, and parts that are equal are found equal', (isNode, id, session, app, value, mask) => {
  const plan = planOf(['session', 'app', 'node', 'x=y'])
  const text = JSON.stringify([`session=${session}`, `app=${app}`, `${isNode ? 'node' : 'source'}=${id}`, `x=y=${value}`])
  const writer = new ByteWriter()
  expect(writeKeyText(plan, text, writer)).toBe(true)
  const bytes = Buffer.from(writer.written)
  expect(keyText(plan, bytes, 0)).toBe(text)
  const other = new ByteWriter()
  writeKeyText(plan, JSON.stringify([`session=${session}`, 'app=other', 'node=1', `x=y=${value}`]), other)
  const isEqual = maskedText(plan, bytes, { mask, from: 0 }) === maskedText(plan, Buffer.from(other.written), { mask, from: 0 })
  const differs = ((mask & 2) !== 0 && app !== 'other') || ((mask & 4) !== 0 && (!isNode || id !== 1))
  expect(isEqual).toBe(!differs)
})
