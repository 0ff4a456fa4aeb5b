import { describe, expect, test } from 'vitest'
import type { LossReason } from '#domain/loss.ts'
import { createLossRecords } from '#store/index.ts'
import { createHub, type Hub, type Sender } from '../kit.ts'

const stamp = (hub: Hub): string => new Date(hub.nowMs).toISOString()
/** The messages of one reason in the ledger, once nothing can come any more. */
function lossOf(hub: Hub, reason: LossReason): number {
  hub.wait(15_000)
  return losses(hub).filter((loss) => loss.reason === reason).reduce((sum, { count }) => sum + count, 0)
}
function losses(hub: Hub) {
  hub.command({ kind: 'flush' })
  return createLossRecords(hub.db).list({ sinceMs: 0, limit: 100 })
}
const markedOf = (hub: Hub): number[] => [...(hub.appender.batches.at(-1)?.faults.subarray(0, hub.appender.batches.at(-1)!.rows) ?? [])].map((faults) => (faults >>> 26) & 1)

type Form = (hub: Hub, n: number) => string
const FORMS: readonly (readonly [string, Sender | string, Form, LossReason])[] = [
  ['meta sequenceId', '10.0.0.7', (hub, n) => `<13>1 ${stamp(hub)} sw1 app - - [meta sequenceId="${n}"] message ${n}`, 'missing'],
  ['meta sequenceId behind other elements', '10.0.0.7', (hub, n) => `<13>1 ${stamp(hub)} sw1 app - - [a b="] c=\\"1"][meta sysUpTime="4" sequenceId="${n}"] message ${n}`, 'missing'],
  ['seq of a label', '10.0.0.7', (hub, n) => `<13>1 ${stamp(hub)} sw1 app - - [meta sequenceId="1"][hps@32473 function="f" seq="${n}"] message ${n}`, 'missing'],
  ['q of a label', '10.0.0.7', (_, n) => `<13>Nov 22 14:00:00 sw1 app: [f=install q=${n} l=err] message ${n}`, 'missing'],
  ['q at the end of a label', '10.0.0.7', (_, n) => `<13>Nov 22 14:00:00 sw1 app: [q=${n}] message ${n}`, 'missing'],
  ['the number of a Cisco', '10.0.0.7', (_, n) => `<189>${n}: sw1: *Nov 22 14:00:00.123: %SYS-5-CONFIG_I: Configured ${n}`, 'missing'],
  ['the record of a kernel', '10.0.0.7', (_, n) => `6,${n},${n * 1000 + 5_000_000},-;message ${n}`, 'passed-over'],
]

describe('numbers that did not come are in the ledger', () => {
  test.for(FORMS)('%s', ([, sender, form, reason]) => {
    const hub = createHub()
    hub.send(sender, [101, 102, 104, 105, 109, 108].map((n) => form(hub, n)))
    expect(losses(hub)).toEqual([])
    expect(lossOf(hub, reason)).toBe(3)
    const [loss] = losses(hub)
    expect(loss).toMatchObject({ sourceId: 1, listener: 'udp', reason })
    expect(loss!.sessionId).toBe(hub.sessions('sw1')[0]?.id ?? 0)
    hub.send(sender, [form(hub, 103)])
    expect(lossOf(hub, reason)).toBe(2)
    expect(hub.sessions().reduce((sum, { numbered }) => sum + numbered, 0)).toBe(hub.sessions().reduce((sum, { messages }) => sum + messages, 0))
  })

  test.for(FORMS.filter(([, , , reason]) => reason === 'missing'))('the same number and message again is marked and counted: %s', ([, sender, form]) => {
    const hub = createHub()
    hub.send(sender, [form(hub, 101), form(hub, 102), form(hub, 101)])
    expect(markedOf(hub)).toEqual([0, 0, 1])
    hub.send(sender, [form(hub, 102)])
    expect(markedOf(hub)).toEqual([1])
    expect(lossOf(hub, 'doubled')).toBe(2)
    expect(hub.counter('doubled:number')).toBe(2)
    expect(lossOf(hub, 'missing')).toBe(0)
  })

  test('a kernel says things again for its own reasons', () => {
    const hub = createHub()
    hub.send('10.0.0.7', ['6,101,5000000,-;eth0: up', '6,101,5000000,-;eth0: up'])
    expect(markedOf(hub)).toEqual([0, 0])
  })

  test.for([
    ['no digits', '[meta sequenceId="1x"]'],
    ['too many digits', '[meta sequenceId="1234567890123456"]'],
    ['of another element', '[metal sequenceId="4"]'],
  ])('a number that cannot be read is none: %s', ([, data]) => {
    const hub = createHub()
    hub.send('10.0.0.7', [`<13>1 ${stamp(hub)} sw1 app - - ${data} x`, `<13>1 ${stamp(hub)} sw1 app - - ${data} x`])
    expect(markedOf(hub)).toEqual([0, 0])
    expect(hub.sessions('sw1')[0]!.numbered).toBe(0)
  })
})

describe('whose sequence it is', () => {
  test('behind a relay, each host name has its own', () => {
    const hub = createHub()
    const from = (host: string, n: number) => ({ sender: '10.9.0.1', frame: `<13>1 ${stamp(hub)} ${host} app - - [meta sequenceId="${n}"] ${n}` })
    hub.sendAll([from('a', 100), from('b', 7000), from('a', 101), from('b', 7002), from('a', 102)])
    expect(lossOf(hub, 'missing')).toBe(1)
  })

  test('a label counts in its session, by whatever way its messages come', () => {
    const hub = createHub()
    hub.send('10.0.0.7', ['<13>1 - node01 hps-session - - - start host=node01 boot_time=1795355000'])
    const label = hub.sessions('node01')[0]!.hashes[0]!
    const said = (n: number) => `<13>1 - node01 install - - [hps@32473 session="${label}" seq="${n}"] step ${n}`
    hub.send('10.0.0.7', [said(2)])
    hub.send({ from: '10.0.0.7', transport: 'tcp', listener: 'tcp' }, [said(3), said(6)])
    expect(lossOf(hub, 'missing')).toBe(3) // 1, 4 and 5: it was announced, so it began with 1
    expect(hub.sessions('node01')[0]!.numbered).toBe(3)
  })

  test('a session that was not announced may have begun before it was seen', () => {
    const hub = createHub()
    hub.send('10.0.0.7', ['<13>1 - node01 install - - [hps@32473 seq="20"] step'])
    expect(lossOf(hub, 'missing')).toBe(0)
  })

  test('the next boot of a kernel begins anew, whatever its first number', () => {
    const hub = createHub()
    const record = (n: number, clockUs: number, text: string) => `6,${n},${clockUs},-;${text}`
    hub.send('10.0.0.7', [record(500, 90_000_000, 'a'), record(501, 91_000_000, 'b')])
    hub.wait(600_000)
    hub.send('10.0.0.7', [record(30, 0, 'Linux version 6.1.0-18-amd64 (debian)'), record(31, 1, 'Command line: quiet'), record(490, 3_000_000, 'c')])
    expect(lossOf(hub, 'passed-over')).toBe(458)
  })
})

describe('through refusals of the disk and kills of the hub', () => {
  const said = (n: number) => `<13>1 - sw1 app - - [meta sequenceId="${n}"] message ${n}`

  test('a batch that the disk refused was not there', () => {
    const hub = createHub()
    hub.send('10.0.0.7', [said(100), said(101)])
    hub.appender.failWith = 'no space'
    hub.send('10.0.0.7', [said(102), said(105), said(101)])
    hub.appender.failWith = undefined
    hub.send('10.0.0.7', [said(102), said(103)])
    expect(markedOf(hub)).toEqual([0, 0])
    expect(lossOf(hub, 'missing')).toBe(0)
    expect(hub.counter('doubled:number')).toBe(0)
    hub.send('10.0.0.7', [said(106)])
    expect(lossOf(hub, 'missing')).toBe(2)
  })

  const NUMBERS = [100, 101, 103, 102, 106, 106, 107, 104, 120, 121, 121, 125]
  test.for(NUMBERS.flatMap((_, at) => (['killed', 'clean'] as const).map((how) => [at, how] as const)))('the same numbers when the hub ends after %i messages (%s), wherever it had flushed', ([at, how]) => {
    for (let flushedAt = 0; flushedAt <= at; flushedAt++) {
      let hub = createHub()
      for (const [n, number] of NUMBERS.entries()) {
        if (n === at) hub = hub.restart(how)
        else if (n === flushedAt) hub.command({ kind: 'flush' })
        hub.send('10.0.0.7', [said(number)])
      }
      expect(lossOf(hub, 'missing')).toBe(125 - 100 + 1 - new Set(NUMBERS).size)
      // of what was before a restart the bytes are not known any more: such a message is not marked, and not counted as anything else
      expect(lossOf(hub, 'doubled')).toBeGreaterThanOrEqual([5, 10].includes(at) ? 1 : 2)
      expect(hub.sessions('sw1')[0]!.numbered).toBe(NUMBERS.length)
    }
  })
})

test('a flood of host names takes bounded room, and what was missing of the forgotten is booked', () => {
  const hub = createHub()
  const from = (host: string, n: number) => ({ sender: '10.9.0.1', frame: `<13>1 - ${host} app - - [meta sequenceId="${n}"] ${n}` })
  hub.sendAll([from('first', 100), from('first', 102)])
  for (let part = 0; part < 9; part++) hub.sendAll(Array.from({ length: 4000 }, (_, n) => from(`h${part}-${n}`, 5)))
  hub.command({ kind: 'flush' })
  expect(hub.db.prepare('SELECT count(*) AS rows FROM sequences').get()).toEqual({ rows: 32_768 })
  expect(losses(hub)).toMatchObject([{ reason: 'missing', count: 1 }])
})
