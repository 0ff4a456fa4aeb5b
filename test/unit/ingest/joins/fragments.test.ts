import fc from 'fast-check'
import { expect, test } from 'vitest'
import { accountsFor, createDatagrams } from '../../../fixtures/ingest/datagrams.ts'

const piece = (body: string, from: number, to: number): string => `6,416,1758426,-,ncfrag=${from}/${body.length};${body.slice(from, to)}`
const BODY = 'the first chunk, the 2nd chunk.'
const rowsOf = (way: ReturnType<typeof createDatagrams>) => way.rows().map(({ text, faults }) => [text, faults.filter((fault) => fault !== 'no-host').join(' ')])

test.for<[string, string[], [string, string][]]>([
  ['in order', [piece(BODY, 0, 16), piece(BODY, 16, 31)], [[BODY, 'joined']]],
  ['out of order', [piece(BODY, 16, 31), piece(BODY, 0, 16)], [[BODY, 'joined']]],
  ['three of them, the middle one last', [piece(BODY, 20, 31), piece(BODY, 0, 7), piece(BODY, 7, 20)], [[BODY, 'joined']]],
  ['the second is lost', [piece(BODY, 0, 16)], [[BODY.slice(0, 16), 'piece-missing']]],
  ['the first is lost', [piece(BODY, 16, 31)], [[BODY.slice(16), 'piece-missing']]],
  ['the middle is lost: no text is joined over the hole', [piece(BODY, 0, 4), piece(BODY, 4, 8), piece(BODY, 20, 31)], [[BODY.slice(0, 8), 'joined piece-missing'], [BODY.slice(20), 'piece-missing']]],
  ['one comes twice', [piece(BODY, 0, 16), piece(BODY, 0, 16), piece(BODY, 16, 31)], [[BODY.slice(0, 16), 'piece-missing'], [BODY, 'joined']]],
  ['a record that says it has one piece', [piece(BODY, 0, 31)], [[BODY, '']]],
  ['two records, their pieces mixed', [piece(BODY, 0, 16), piece(BODY, 16, 31).replace('416', '417'), piece(BODY, 16, 31), piece(BODY, 0, 16).replace('416', '417')], [[BODY, 'joined'], [BODY, 'joined']]],
  ['a piece beyond the end of its record', [`6,1,2,-,ncfrag=30/31;${BODY}`], [[BODY, 'piece-missing']]],
  ['another length', [piece(BODY, 0, 16), piece(BODY, 16, 31).replace('/31', '/99')], [[BODY.slice(16), 'piece-missing'], [BODY.slice(0, 16), 'piece-missing']]],
])('fragments of a record: %s', ([, datagrams, expected]) => {
  const way = createDatagrams()
  for (const datagram of datagrams) way.send(datagram)
  way.tick()
  way.tick()
  expect(rowsOf(way)).toEqual(expected)
  const { received, accounted } = accountsFor(way.counters)
  expect(accounted).toBe(received)
})

test('userdata that was cut in two is whole again, and its label is read', () => {
  const body = 'hello\n hps.session=a1b2c3d4\n rack=7\n'
  const way = createDatagrams()
  way.send(piece(body, 20, body.length))
  way.send(piece(body, 0, 20))
  expect(way.rows()).toMatchObject([{ text: 'hello', label: 'a1b2c3d4', structuredData: ' hps.session=a1b2c3d4\n rack=7', raw: `6,416,1758426,-,ncfrag=0/${body.length};${body}`, app: 'kernel', procid: '416' }])
})

test('whatever order a record\'s pieces come in, it is one message with all its bytes', () => {
  const cuts = fc.uniqueArray(fc.integer({ min: 1, max: 199 }), { maxLength: 12 })
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', 'b', ' ', '\\', 'é'), minLength: 200, maxLength: 300 }), cuts, fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), (text, places, order) => {
      const body = Buffer.from(text, 'latin1')
      const ends = [...places.toSorted((a, b) => a - b), body.length]
      const pieces = ends.map((end, n) => Buffer.concat([Buffer.from(`6,7,8,-,caller=T1,ncfrag=${ends[n - 1] ?? 0}/${body.length};`), body.subarray(ends[n - 1] ?? 0, end)]))
      const way = createDatagrams()
      for (const { datagram } of pieces.map((datagram) => ({ datagram, key: order.next().value })).toSorted((a, b) => a.key - b.key)) way.send(datagram)
      expect(way.rows().map(({ raw }) => raw)).toEqual([`6,7,8,-,caller=T1,ncfrag=0/${body.length};${body.toString('latin1')}`])
      const { received, accounted } = accountsFor(way.counters)
      expect(accounted).toBe(received)
    }),
    { numRuns: 50 },
  )
})
