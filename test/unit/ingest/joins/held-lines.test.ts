import { expect, test } from 'vitest'
import { MAX_HELD_BYTES, MAX_HELD_LINES, MAX_LINES_PER_SENDER } from '../../../../src/ingest/joins/held-lines.ts'
import { accountsFor, createDatagrams } from '../../../fixtures/ingest/datagrams.ts'

const first = (seq: number, length = 40): string => `6,${seq},1,-,ncfrag=0/${length * 2};${'x'.repeat(length)}`
const FULL = 'a'.repeat(127)

test('one sender is waited for with a few lines only; its oldest goes first, and others keep theirs', () => {
  const way = createDatagrams()
  way.send(`<6>a ipxe: ${FULL}`, '10.0.0.2')
  for (let seq = 0; seq < 5000; seq++) way.send(first(seq), '10.0.0.1')
  expect(way.counters.get('lines-held')).toBe(MAX_LINES_PER_SENDER + 1)
  expect(way.counters.get('pieces-missing')).toBe(5000 - MAX_LINES_PER_SENDER)
  way.send('<6>a ipxe: end', '10.0.0.2')
  expect(way.rows().at(-1)).toMatchObject({ text: `${FULL}end`, address: '10.0.0.2' })
  expect(way.rows()[0]).toMatchObject({ procid: '0', faults: ['no-host', 'piece-missing'] })
})

test('senders without number hold no more lines than there may be', () => {
  const way = createDatagrams()
  for (let i = 0; i < 3 * MAX_HELD_LINES; i++) way.send(`<6>a ipxe: ${FULL}`, `10.0.${i >> 8}.${i & 255}`)
  expect(way.counters.get('lines-held')).toBe(MAX_HELD_LINES)
  expect(way.rows()).toHaveLength(2 * MAX_HELD_LINES)
  way.tick()
  way.tick()
  expect(way.counters.get('lines-held')).toBe(0)
  expect(way.counters.get('lines-held-bytes')).toBe(0)
  const { received, accounted } = accountsFor(way.counters)
  expect(accounted).toBe(received)
})

test('long lines hold no more memory than there may be', () => {
  const way = createDatagrams()
  for (let i = 0; i < 400; i++) {
    way.send(first(i, 30_000), `10.0.0.${i % 200}`)
    expect(way.counters.get('lines-held-bytes')).toBeLessThanOrEqual(MAX_HELD_BYTES)
  }
  expect(way.counters.get('lines-held')).toBeGreaterThan(50)
  way.flushPieces()
  expect(way.rows()).toHaveLength(400)
})

test('while no batch is free nothing that is held is lost, and no more is taken than there is room for', () => {
  const way = createDatagrams({ batchRows: 8, batchBytes: 2048 })
  for (let i = 0; i < 6; i++) way.send(first(i, 60), `10.0.0.${i}`)
  way.isOut = true
  way.send('<13>fill: '.padEnd(1200, 'x'), '10.9.9.9')
  way.send('<13>fill: '.padEnd(700, 'x'), '10.9.9.9')
  for (let i = 0; i < 3; i++) way.tick()
  expect(way.flushPieces()).toBe(false)
  way.isOut = false
  expect(way.flushPieces()).toBe(true)
  expect(way.rows().filter(({ format }) => format === 'kmsg').map(({ procid }) => procid)).toEqual(['0', '1', '2', '3', '4', '5'])
  const { received, accounted } = accountsFor(way.counters)
  expect(accounted).toBe(received)
})
