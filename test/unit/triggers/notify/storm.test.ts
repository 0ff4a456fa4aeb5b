import { simpleParser } from 'mailparser'
import { expect, test } from 'vitest'
import { createRenderer } from '#render/index.ts'
import { createOutboxRecords, openHubDatabase } from '#store/index.ts'
import { createMetrics, silentLogger } from '#telemetry/index.ts'
import { createMailChannel, createOutbox, readNotice, TRIGGER_METRICS } from '#triggers/index.ts'
import { startSmtpServer } from '../../../support/mail/smtp-server.ts'
import { HOUR, MINUTE, notifier, routesFrom, START } from './support.ts'

const ALERTS = 10_000

/** Everything from the step of an alert to a mail that a real server took; time is the test's. */
async function storm(routesText: string, fields: (index: number) => Record<string, string>) {
  await using server = await startSmtpServer()
  const db = openHubDatabase(':memory:')
  const routes = routesFrom(routesText)
  let nowMs = START
  const hub = notifier(db, { routes: () => routes, clock: () => nowMs })
  const metrics = createMetrics(TRIGGER_METRICS)
  const mail = createMailChannel({
    config: { host: '127.0.0.1', port: server.port, tls: 'none', from: 'hub <hub@example.org>' }, routes: () => routes, renderer: createRenderer(), context: () => Promise.resolve([]), publicUrl: undefined, facts: () => undefined,
    runbook: () => [], clock: () => nowMs, hubName: 'hub', metrics,
  })
  const outbox = createOutbox({ db, deliver: (row) => mail.deliver(row), clock: () => nowMs, random: () => 0.5, after: () => () => undefined, log: silentLogger, metrics })
  const records = createOutboxRecords(db)
  const pass = async (ms: number): Promise<void> => {
    for (const untilMs = nowMs + ms; nowMs < untilMs; ) {
      nowMs += 10_000
      for (let turn = 0; turn < 200 && (hub.records.nextDueMs() ?? nowMs + 1) <= nowMs; turn++) hub.notifying.wake()
      outbox.wake()
      while (records.counts().some(({ state }) => state === 'sending')) await new Promise((resolve) => setTimeout(resolve, 2))
    }
  }
  for (let index = 0; index < ALERTS; index++) {
    hub.fire({ fields: fields(index), severity: index % 100 === 0 ? 'critical' : 'error' })
    if (index % 1700 === 1699) await pass(10_000)
  }
  await pass(4 * HOUR - 10 * MINUTE)
  await outbox.stop()
  mail.close()
  const notices = records.list(100_000).toReversed().map(readNotice)
  const told = notices.flatMap((notice) => ('alerts' in notice ? notice.alerts.map(({ id }) => id) : []))
  const counted = notices.reduce((sum, notice) => sum + ('more' in notice ? notice.more : 0), 0)
  const toldRows = db.prepare('SELECT count(*) AS count FROM notify_told').get() as { count: number }
  db.close()
  return { mails: await Promise.all(server.mails.map(({ raw }) => simpleParser(raw))), notices, told, counted, inRecords: toldRows.count }
}

test('10,000 alerts within a minute become a handful of mails, and each is told or counted in one', async () => {
  const { mails, notices, told, counted, inRecords } = await storm('format: 1\nreceivers: [{name: ops, mail: [ops@example.org]}]\nroute: {receiver: ops, every: never}\n', (index) => ({ node: `n${index}` }))
  expect(mails.length).toBe(notices.length)
  expect(mails.length).toBeGreaterThanOrEqual(1)
  expect(mails.length).toBeLessThanOrEqual(5)
  expect(new Set(told).size).toBe(told.length)
  expect(told.length + counted).toBe(ALERTS)
  expect(inRecords).toBe(ALERTS)
  expect(mails[0]!.text).toMatch(/\d+ more alerts/)
}, 60_000)

test('even when each is a group of its own: the cap holds, and digests tell the rest', async () => {
  const { mails, notices, told, counted, inRecords } = await storm(
    'format: 1\nreceivers: [{name: ops, mail: [ops@example.org], max_per_hour: 10}]\nroute: {receiver: ops, group_by: [node], every: never}\n', (index) => ({ node: `n${index}` }))
  expect(mails.length).toBe(notices.length)
  expect(mails.length).toBeLessThanOrEqual(45)
  expect(notices.filter(({ kind }) => kind === 'digest').length).toBeGreaterThanOrEqual(1)
  expect(told.length + counted).toBe(ALERTS)
  expect(inRecords).toBe(ALERTS)
}, 60_000)
