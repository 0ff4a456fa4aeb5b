import { beforeEach, describe, expect, test } from 'vitest'
import { createNotifyRecords, createOutboxRecords, openHubDatabase, type HubDatabase, type NewOutboxRow, type OutboxRow } from '#store/index.ts'
import { createMetrics, silentLogger } from '#telemetry/index.ts'
import { createDeadLetter, createOutbox, createOutboxDesk, readNotice, TRIGGER_METRICS, type Delivery, type OutboxOptions } from '#triggers/index.ts'
import { HOUR, MINUTE, notifier, routesFrom, shortly, START } from '../notify/support.ts'

let db: HubDatabase
let nowMs: number
let timers: { atMs: number; work: () => void }[]
beforeEach(() => {
  db = openHubDatabase(':memory:')
  nowMs = START
  timers = []
})

const SENT: Delivery = { kind: 'sent', reply: 'ok' }
const DOWN: Delivery = { kind: 'failed', reason: 'unreachable', isPermanent: false, error: 'ECONNREFUSED' }
const REFUSED: Delivery = { kind: 'failed', reason: 'refused', isPermanent: true, error: '550 no' }
const records = () => createOutboxRecords(db)
const add = (key: string, change: Partial<NewOutboxRow> = {}) =>
  records().add({ dedupKey: key, channel: 'mail', receiver: 'ops', payload: JSON.stringify({ kind: 'test', receiver: 'ops', severity: 'info', title: key, atMs: nowMs, by: 'x' }), kind: 'test', createdMs: nowMs, ...change })
const states = () => records().list(1000).toReversed().map(({ dedupKey, state }) => `${dedupKey} ${state}`)

function outbox(deliver: (row: OutboxRow) => Delivery | Promise<Delivery>, change: Partial<OutboxOptions> = {}) {
  return createOutbox({
    db, deliver: async (row) => deliver(row), clock: () => nowMs, random: () => 0.5, log: silentLogger, metrics: createMetrics(TRIGGER_METRICS),
    after(ms, work) {
      const timer = { atMs: nowMs + ms, work }
      timers.push(timer)
      return () => void (timers = timers.filter((one) => one !== timer))
    },
    ...change,
  })
}
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
}
/** Time goes on, timer by timer. */
async function pass(ms: number): Promise<void> {
  const untilMs = nowMs + ms
  await settle()
  for (;;) {
    const next = timers.toSorted((a, b) => a.atMs - b.atMs)[0]
    if (next === undefined || next.atMs > untilMs) break
    timers = timers.filter((one) => one !== next)
    nowMs = Math.max(nowMs, next.atMs)
    next.work()
    await settle()
  }
  nowMs = untilMs
}

describe('a target that fails', () => {
  test('is tried by one row at a time, and by all again once it takes one; others are not held up', async () => {
    const tries: string[] = []
    let isUp = false
    const box = outbox(({ dedupKey, receiver }) => (tries.push(dedupKey), receiver === 'ops' && !isUp ? DOWN : SENT))
    for (let index = 0; index < 50; index++) add(`ops-${index}`)
    add('boss', { receiver: 'boss' })
    box.wake()
    await settle()
    expect(tries).toContain('boss')
    const atOnce = tries.length
    expect(atOnce).toBeLessThanOrEqual(4)
    await pass(HOUR)
    // one try in five minutes at most, after the first few
    expect(tries.length - atOnce).toBeLessThan(25)
    isUp = true
    await pass(6 * MINUTE)
    expect(states().every((row) => row.endsWith(' sent'))).toBe(true)
  })
  test('is not told by the refusal of one notice', async () => {
    const box = outbox(({ dedupKey }) => (dedupKey === 'bad' ? REFUSED : SENT))
    add('bad')
    add('good')
    box.wake()
    await settle()
    expect(states()).toEqual(['bad dead', 'good sent'])
  })
  test('and asks for time gets it', async () => {
    const tries: number[] = []
    const box = outbox(() => (tries.push(nowMs), { kind: 'failed', reason: 'throttled', isPermanent: false, error: '429', retryAfterMs: 2 * HOUR }))
    add('a')
    box.wake()
    await pass(119 * MINUTE)
    expect(tries).toHaveLength(1)
    await pass(2 * MINUTE)
    expect(tries).toHaveLength(2)
  })
})

describe('order', () => {
  test('of one alert to one target is kept, whatever fails; others overtake', async () => {
    const seen: string[] = []
    let fails = 1
    const box = outbox(({ dedupKey }) => (seen.push(dedupKey), dedupKey === 'first' && fails-- > 0 ? REFUSED_ONCE : SENT))
    add('first', { alertIds: [1] })
    add('second', { alertIds: [1, 2] })
    add('other', { alertIds: [3] })
    box.wake()
    await pass(MINUTE)
    expect(seen.indexOf('second')).toBeGreaterThan(seen.lastIndexOf('first'))
    expect(states().every((row) => row.endsWith(' sent'))).toBe(true)
  })
  const REFUSED_ONCE: Delivery = { kind: 'failed', reason: 'refused-later', isPermanent: false, error: '451' }
  test('is by urgency', async () => {
    const seen: string[] = []
    for (let index = 0; index < 10; index++) add(`info-${index}`, { urgency: 3 })
    add('critical', { urgency: 0 })
    outbox(({ dedupKey }) => (seen.push(dedupKey), SENT)).wake()
    await settle()
    expect(seen[0]).toBe('critical')
  })
})

describe('crashes and a database that refuses', () => {
  test('between sending and noting it: it is sent again under the same key', async () => {
    const keys: string[] = []
    add('a')
    // the first hub hands it over and dies
    const row = records().takeNext(nowMs, new Set())!
    keys.push(row.dedupKey)
    outbox((again) => (keys.push(again.dedupKey), SENT)).wake()
    await settle()
    expect(keys).toEqual(['a', 'a'])
    expect(states()).toEqual(['a sent'])
  })
  test('when the outcome cannot be written, it is written later and nothing is sent twice meanwhile', async () => {
    let sends = 0
    add('a')
    add('b')
    const full = () => Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL', name: 'SqliteError' })
    const { transaction } = db
    let isFull = false
    const patched = new Proxy(db, {
      get: (target, name) => {
        if (name === 'transaction') return (work: () => unknown) => Object.assign(() => undefined, { immediate: () => { if (isFull) throw full(); return transaction.call(target, work as never).immediate() } })
        const value = Reflect.get(target, name, target) as unknown
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
    const box = outbox(() => (sends++, Promise.resolve().then(() => ((isFull = true), SENT))), { db: patched })
    box.wake()
    await pass(5000)
    expect(states()).toEqual(['a sending', 'b sending'])
    isFull = false
    await pass(5000)
    expect(states()).toEqual(['a sent', 'b sent'])
    expect(sends).toBe(2)
    await box.stop()
  })
})

describe('dead letters', () => {
  const ROUTES = routesFrom('format: 1\nfallback: boss\nreceivers: [{name: ops, mail: [a@b.c]}, {name: boss, mail: [b@b.c]}]\n')
  test('are told to the fallback receiver, gathered, once an hour; those of the fallback itself to nobody', async () => {
    let ids = 0
    const died = createDeadLetter({ db, routes: () => ROUTES, clock: () => nowMs, newId: () => `dead-${++ids}` })
    const box = outbox(({ receiver, kind }) => (receiver === 'ops' || kind === 'dead' ? REFUSED : SENT), { died })
    add('a')
    add('b')
    add('c')
    box.wake()
    await pass(30 * MINUTE)
    add('d')
    box.wake()
    await pass(3 * HOUR)
    const dead = records().list(100, { receiver: 'boss' }).toReversed().map(readNotice)
    expect(dead.every(({ kind }) => kind === 'dead')).toBe(true)
    expect(dead.flatMap((notice) => (notice.kind === 'dead' ? notice.titles : [])).toSorted()).toEqual(['a', 'b', 'c', 'd'])
    expect(dead.length).toBeLessThanOrEqual(3)
    expect(dead[0]).toMatchObject({ channel: 'mail', to: 'ops', error: '550 no' })
  })
  test('are sent again for as long as a new notice, and can be cancelled like what waits', async () => {
    let isUp = false
    const box = outbox(() => (isUp ? SENT : DOWN))
    const desk = createOutboxDesk({ db, clock: () => nowMs, log: silentLogger })
    add('a')
    box.wake()
    await pass(73 * HOUR)
    expect(states()).toEqual(['a dead'])
    expect([desk.again(1, 'anna'), desk.again(1, 'anna'), desk.again(9, 'anna')]).toEqual(['done', 'not-now', 'no-such-row'])
    await pass(HOUR)
    expect(states()).toEqual(['a queued'].map(() => expect.stringMatching(/a (queued|retry)/)))
    isUp = true
    box.wake()
    await pass(5 * HOUR)
    expect(states()).toEqual(['a sent'])
    expect(desk.cancel(1, 'anna')).toBe('not-now')
  })
  test('everything of a rule or to a receiver that waits can be cancelled', () => {
    const desk = createOutboxDesk({ db, clock: () => nowMs, log: silentLogger })
    const hub = notifier(db, { routes: () => ROUTES, clock: () => nowMs })
    const alert = hub.fire({ rule: 'noisy' })
    add('one', { alertIds: [alert.id] })
    add('two', { receiver: 'boss' })
    add('three')
    expect(desk.cancelWaiting({ rule: 'noisy' }, 'anna')).toBe(1)
    expect(desk.cancelWaiting({ receiver: 'boss' }, 'anna')).toBe(1)
    expect(desk.cancelWaiting({ all: true }, 'anna')).toBe(1)
    expect(records().list(9).map(({ lastError }) => lastError)).toEqual(Array(3).fill('cancelled by anna'))
  })
})

test('old news wakes nobody: it comes in a digest', async () => {
  const routes = routesFrom('format: 1\nreceivers: [{name: ops, mail: [a@b.c]}]\nroute: {receiver: ops, wait: 0s}\n')
  const hub = notifier(db, { routes: () => routes, clock: () => nowMs })
  let isUp = false
  const sent: string[] = []
  const box = outbox((row) => (isUp ? (sent.push(shortly(readNotice(row))), SENT) : DOWN), { expired: (row) => hub.notifying.expired(row) })
  hub.fire()
  hub.notifying.wake()
  box.wake()
  await pass(25 * HOUR)
  isUp = true
  for (let minute = 0; minute < 30; minute++) {
    await pass(MINUTE)
    hub.notifying.wake()
    box.wake()
  }
  expect(sent).toEqual(['digest: firing 1'])
  expect(records().list(9).map(({ state }) => state).toSorted()).toEqual(['cancelled', 'sent'])
  expect(createNotifyRecords(db).told(1, 'ops')).toMatchObject({ state: 'firing' })
})
