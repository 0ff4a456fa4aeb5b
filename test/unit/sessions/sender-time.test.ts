import { describe, expect, test } from 'vitest'
import { faultList } from '#domain/message.ts'
import { createHub, START_MS, type Hub, type Sender } from './kit.ts'

const HOUR_MS = 3_600_000
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
/** A BSD stamp of a clock that shows UTC and this much more. */
const bsd = (ms: number) => {
  const date = new Date(ms)
  return `${MONTHS[date.getUTCMonth()]!} ${String(date.getUTCDate()).padStart(2)} ${date.toISOString().slice(11, 19)}`
}
const sentMs = (hub: Hub) => hub.appender.batches.at(-1)!.sentMs[0]!
const NODE = '10.0.0.5'
const zoneOf = (hub: Hub, host = '') => {
  hub.command({ kind: 'flush' })
  return hub.sources.zones().find((zone) => zone.host === host)?.offsetMs
}

interface Talk { readonly from?: Sender | string; readonly host?: string; readonly aheadMs: number; readonly times: number; readonly everyMs?: number; readonly mark?: string }
/** Messages with stamps that are ahead of UTC, one a batch; returns the time sent of the last one, relative to now. */
function talk(hub: Hub, { from = NODE, host = 'web1', aheadMs, times, everyMs = 5000, mark = '' }: Talk): number {
  for (let i = 0; i < times; i++) {
    hub.nowMs += everyMs
    hub.send(from, [`<13>${mark}${bsd(hub.nowMs + aheadMs)} ${host} app: hello ${i}`])
  }
  return sentMs(hub) - hub.nowMs
}

describe('a zone that is learned', () => {
  test('stamps without a zone are set right once consistent fresh ones have told it; rows before keep what they had', () => {
    const hub = createHub()
    expect([1, 2, 3, 4].map(() => talk(hub, { aheadMs: HOUR_MS, times: 1 }))).toEqual([HOUR_MS, HOUR_MS, HOUR_MS, HOUR_MS])
    expect(zoneOf(hub)).toBe(HOUR_MS)
    expect(talk(hub, { aheadMs: HOUR_MS, times: 1 })).toBe(0)
  })

  test.for([
    ['west of UTC', -5 * HOUR_MS, -5 * HOUR_MS],
    ['by a quarter hour', 5.75 * HOUR_MS, 5.75 * HOUR_MS],
    ['with a clock that is 20 s off', HOUR_MS - 20_000, HOUR_MS],
    ['UTC', 0, 0],
    ['the farthest east', 14 * HOUR_MS, 14 * HOUR_MS],
    ['farther than any zone', 14.25 * HOUR_MS, undefined],
    ['a clock that is seven minutes off', 7 * 60_000, undefined],
    ['a clock more than a day ahead', 25 * HOUR_MS, undefined],
    ['a clock of 1970', Date.UTC(1970, 0) - START_MS, undefined],
  ] as const)('%s', ([, aheadMs, expected]) => {
    const hub = createHub()
    talk(hub, { aheadMs, times: 10 })
    expect(zoneOf(hub)).toBe(expected)
  })

  test('one burst is no proof, however long', () => {
    const hub = createHub()
    hub.send(NODE, Array.from({ length: 50 }, () => `<13>${bsd(hub.nowMs - 2 * HOUR_MS)} web1 app: old`))
    for (let i = 0; i < 50; i++) talk(hub, { aheadMs: -2 * HOUR_MS, times: 1, everyMs: 100 })
    expect(zoneOf(hub)).toBeUndefined()
  })

  test('a queue that hands over what it kept teaches nothing', () => {
    const hub = createHub()
    // six hours in two minutes: every few batches one looks as if it were a whole quarter hour late
    for (let behindMs = 6 * HOUR_MS; behindMs > 0; behindMs -= 15_000) talk(hub, { aheadMs: -behindMs, times: 1, everyMs: 83 })
    expect(zoneOf(hub)).toBeUndefined()
  })

  test('a clock that is marked as never set does not teach', () => {
    const hub = createHub()
    talk(hub, { aheadMs: HOUR_MS, times: 10, mark: '45: *' })
    expect(faultList(hub.appender.batches.at(-1)!.faults[0]!)).toEqual(expect.arrayContaining(['no-zone', 'clock-not-set']))
    expect(zoneOf(hub)).toBeUndefined()
  })

  test('another offset takes its place only after a minute of it, and old lines in between do not', () => {
    const hub = createHub()
    talk(hub, { aheadMs: HOUR_MS, times: 5 })
    talk(hub, { aheadMs: -9 * HOUR_MS, times: 3 })
    expect(zoneOf(hub)).toBe(HOUR_MS)
    talk(hub, { aheadMs: 2 * HOUR_MS, times: 12 })
    expect(zoneOf(hub)).toBe(HOUR_MS)
    talk(hub, { aheadMs: 2 * HOUR_MS, times: 2 })
    expect(zoneOf(hub)).toBe(2 * HOUR_MS)
    expect(talk(hub, { aheadMs: 2 * HOUR_MS, times: 1 })).toBe(0)
  })

  test('it outlives a restart and a kill', () => {
    let hub = createHub()
    talk(hub, { aheadMs: HOUR_MS, times: 5 })
    hub.wait(6000)
    for (const how of ['killed', 'clean'] as const) {
      hub = hub.restart(how)
      expect(talk(hub, { aheadMs: HOUR_MS, times: 1 })).toBe(0)
    }
  })

  test('a relay has a zone for each host name, and none for messages without one', () => {
    const hub = createHub()
    const relay = '10.9.0.1'
    for (let i = 0; i < 5; i++) {
      talk(hub, { from: relay, host: 'tokyo', aheadMs: 9 * HOUR_MS, times: 1 })
      talk(hub, { from: relay, host: 'lima', aheadMs: -5 * HOUR_MS, times: 1 })
      hub.send(relay, [`<13>${bsd(hub.nowMs + HOUR_MS)} app[1]: nameless`])
    }
    expect([zoneOf(hub, 'tokyo'), zoneOf(hub, 'lima'), zoneOf(hub)]).toEqual([9 * HOUR_MS, -5 * HOUR_MS, undefined])
    const later = hub.restart('clean')
    expect(talk(later, { from: relay, host: 'lima', aheadMs: -5 * HOUR_MS, times: 1 })).toBe(0)
  })

  test('a batch that the disk refuses leaves nothing behind', () => {
    const hub = createHub()
    hub.appender.failWith = 'no space left on device'
    hub.send(NODE, [`<13>${bsd(hub.nowMs)} web1 app: a`, '<13>raw'])
    hub.appender.failWith = undefined
    hub.send(NODE, [`<13>${bsd(hub.nowMs)} web1 app: a`])
    hub.command({ kind: 'flush' })
    expect(hub.sources.forms().map(({ messages, lastSeq }) => [messages, lastSeq])).toEqual([[1, 1]])
  })
})

describe('a zone that is configured', () => {
  const sources = [{ address: '10.0.0.0/24', roles: [], zone: 'Europe/Berlin' }, { address: '10.9.0.0/16', roles: ['relay' as const], zone: '+02:00' }]

  test.for([
    ['winter', Date.UTC(2026, 10, 22, 14), HOUR_MS],
    ['summer', Date.UTC(2026, 6, 22, 14), 2 * HOUR_MS],
    ['the hour that comes twice, the first time', Date.UTC(2026, 9, 25, 0, 30), 2 * HOUR_MS],
    ['the hour that comes twice, the second time', Date.UTC(2026, 9, 25, 1, 30), HOUR_MS],
    ['the turn of the year: the stamp is of the next', Date.UTC(2026, 11, 31, 23, 30), HOUR_MS],
  ] as const)('%s: the first message is right', ([, nowMs, aheadMs]) => {
    const hub = createHub({ sources, nowMs: nowMs - 5000 })
    expect(talk(hub, { aheadMs, times: 1 })).toBe(0)
    talk(hub, { aheadMs, times: 10 })
    expect(zoneOf(hub)).toBeUndefined()
  })

  test('it holds for everyone behind a relay', () => {
    const hub = createHub({ sources })
    expect([talk(hub, { from: '10.9.0.1', host: 'a', aheadMs: 2 * HOUR_MS, times: 1 }), talk(hub, { from: '10.9.0.1', host: 'b', aheadMs: 2 * HOUR_MS, times: 1 })]).toEqual([0, 0])
  })

  test('a stamp that says its zone is not touched', () => {
    const hub = createHub({ sources })
    hub.send(NODE, [`<13>1 ${new Date(hub.nowMs).toISOString()} web1 app - - - hello`])
    expect(sentMs(hub)).toBe(hub.nowMs)
  })

  test('half a year away the year is the nearest one in the zone', () => {
    const hub = createHub({ sources: [{ address: NODE, roles: [], zone: '-12:00' }], nowMs: Date.UTC(2026, 10, 22, 14) })
    // as UTC 24 May 2026 04:00 is 182 days and 10 hours ago and the nearest; 12 hours west of it the same holds for 2026 and not for 2027
    for (const stamp of ['May 23 22:00:00', 'May 24 04:00:00', 'May 24 12:00:00', 'May 24 20:00:00']) {
      hub.send(NODE, [`<13>${stamp} web1 app: hello`])
      const sent = sentMs(hub)
      const local = new Date(sent - 12 * HOUR_MS)
      expect(`${MONTHS[local.getUTCMonth()]!} ${local.getUTCDate()} ${local.toISOString().slice(11, 19)}`).toBe(stamp)
      const years = [2025, 2026, 2027].map((year) => Math.abs(Date.UTC(year, local.getUTCMonth(), local.getUTCDate(), local.getUTCHours()) + 12 * HOUR_MS - hub.nowMs))
      expect(Math.abs(sent - hub.nowMs)).toBe(Math.min(...years))
    }
  })
})

describe('the clock of a node and of its sender', () => {
  const say = (hub: Hub, aheadMs: number, times: number, everyMs = 5000) => {
    for (let i = 0; i < times; i++) {
      hub.nowMs += everyMs
      hub.send(NODE, [`<13>1 ${new Date(hub.nowMs + aheadMs).toISOString()} web1 app - - - hello`])
    }
  }
  const offsets = (hub: Hub) => {
    hub.command({ kind: 'flush' })
    return [hub.sources.list()[0]!.clock?.offsetMs, hub.nodes.byName('web1')!.clock?.offsetMs]
  }

  test.for([['ahead', 1500], ['behind', -90_000], ['hours behind', -3 * HOUR_MS], ['right', 0]] as const)('a clock that is %s is known after four samples', ([, aheadMs]) => {
    const hub = createHub()
    say(hub, aheadMs, 3)
    expect(offsets(hub)).toEqual([undefined, undefined])
    say(hub, aheadMs, 1)
    expect(offsets(hub)).toEqual([aheadMs, aheadMs])
    expect(hub.sources.list()[0]!.clock!.confirmedMs).toBe(hub.nowMs)
  })

  test('delays make messages late and never early: the one that came soonest counts', () => {
    const hub = createHub()
    for (const delayMs of [900, 40, 2000, 700, 60_000, 300, 20, 1100, 400, 5000]) say(hub, 250 - delayMs, 1)
    expect(offsets(hub)).toEqual([230, 230])
  })

  test('old lines of a queue teach nothing, alone or between fresh ones', () => {
    const hub = createHub()
    for (let behindMs = 6 * HOUR_MS; behindMs > HOUR_MS; behindMs -= 20_000) say(hub, -behindMs, 1, 100)
    expect(offsets(hub)).toEqual([undefined, undefined])
    for (let i = 0; i < 20; i++) {
      say(hub, -70, 1)
      say(hub, -6 * HOUR_MS + i * 100_000, 3, 100)
    }
    expect(offsets(hub)).toEqual([-70, -70])
  })

  test('a clock that is set is followed in both directions within two windows', () => {
    const hub = createHub()
    say(hub, -30_000, 10)
    say(hub, 0, 5)
    expect(offsets(hub)).toEqual([0, 0])
    say(hub, -30_000, 130)
    expect(offsets(hub)).toEqual([-30_000, -30_000])
  })

  test('stamps without a zone teach once the zone is known', () => {
    const hub = createHub()
    talk(hub, { aheadMs: HOUR_MS - 4000, times: 10 })
    expect(offsets(hub)).toEqual([-4000, -4000])
  })

  test.for([
    ['1970', '1970-01-01T00:00:05Z'], ['1999', '1999-12-31T23:59:59Z'], ['two days ahead', '2026-11-24T14:00:00Z'], ['2106', '2106-02-07T06:28:15Z'],
  ] as const)('a message of %s teaches nothing, and is stored as received now', ([, stamp]) => {
    const hub = createHub()
    for (let i = 0; i < 8; i++) {
      hub.nowMs += 5000
      hub.send(NODE, [`<13>1 ${stamp} web1 app - - - hello`])
    }
    expect(offsets(hub)).toEqual([undefined, undefined])
    const batch = hub.appender.batches.at(-1)!
    expect([batch.receivedMs[0], batch.sentMs[0]]).toEqual([hub.nowMs, Date.parse(stamp)])
    expect(hub.sessions('web1')[0]).toMatchObject({ messages: 8, lastMessageMs: hub.nowMs })
  })

  test('it outlives a restart', () => {
    const hub = createHub()
    say(hub, -700, 5)
    const later = hub.restart('clean')
    expect(offsets(later)).toEqual([-700, -700])
  })
})
