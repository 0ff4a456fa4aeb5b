import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { until } from '../support/child.ts'
import { placeHub, startHub } from '../support/hub.ts'
import { startSmtpSink } from '../support/smtp-sink.ts'

const RULES = `format: 1
pack: crash
rules:
- id: crash.mailed
  title: 'needle {{number}}'
  severity: error
  when: {match: {app: crasher, regex: 'needle (?<number>\\w+)'}}
  by: [number]
  tests: [{name: none, steps: [{expect: {not_firing: {}}}]}]
`
const ROUTES = `format: 1
receivers: [{name: ops, mail: [ops@example.org], max_per_hour: 1000}]
route: {receiver: ops, wait: 0s, group_by: [alert]}
`
/** How long after the answer the hub is killed: before anything was found, written, posted, applied, grouped, put into the outbox, given to the server, noted as sent. */
const KILL_AFTER_MS = [0, 15, 30, 45, 60, 80, 100, 130, 170, 220, 300, 500]
const NEEDLES = 6
/** Mails to one receiver that may be under way at once: of those a kill may make a second copy. */
const UNDER_WAY = 2

interface Listed { readonly alerts: readonly { readonly title: string; readonly count: number }[] }
const headerOf = (mail: string, name: RegExp): string => name.exec(mail)?.[1] ?? ''

test('a hub that is killed at any moment between a message and its mail sends each mail, and a second copy only of what was under way', { timeout: 120_000 }, async () => {
  const rules = mkdtempSync(join(tmpdir(), 'hps-crash-rules-'))
  writeFileSync(join(rules, 'crash.yaml'), RULES)
  await using smtp = await startSmtpSink()
  const place = await placeHub({ rules: { directories: [rules] }, mail: { host: '127.0.0.1', port: smtp.port, tls: 'none', from: 'hub@example.org' } })
  mkdirSync(place.data, { recursive: true, mode: 0o700 })
  writeFileSync(join(place.data, 'routes.yaml'), ROUTES)
  const all: string[] = []
  try {
    for (const [round, killAfterMs] of KILL_AFTER_MS.entries()) {
      const hub = await startHub(place)
      const needles = Array.from({ length: NEEDLES }, (_, index) => `r${round}n${index}x`)
      expect((await hub.post(needles.map((needle) => `<11>1 - n1 crasher - - - needle ${needle}`))).ok).toBe(true)
      all.push(...needles)
      await delay(killAfterMs)
      await hub.kill()
    }
    const hub = await startHub(place)
    const told = (): Map<string, string[]> => Map.groupBy(smtp.mails, (mail) => headerOf(mail, /^Subject: .*needle (\w+)/m)) as Map<string, string[]>
    await until('a mail of each', () => all.every((needle) => told().has(needle)), { withinMs: 60_000 })
    // copies of what a kill left unsettled come before what is new
    await until('an outbox in which nothing waits', async () => (await hub.metrics()).get('hps_outbox_messages{state="sent"}') === all.length)
    expect([...told().keys()].toSorted()).toEqual(all.toSorted())

    const { alerts } = await hub.json<Listed>('/api/v1/alerts?limit=500&rule=crash.mailed')
    expect(alerts.map(({ title, count }) => `${title} ${count}`).toSorted()).toEqual(all.map((needle) => `needle ${needle} 1`).toSorted())
    for (const copies of told().values()) expect(new Set(copies.map((mail) => headerOf(mail, /^Message-ID: (\S+)/im))).size, 'copies are one mail to a mail program').toBe(1)
    expect(smtp.mails.length - all.length, 'second copies').toBeLessThanOrEqual(UNDER_WAY * KILL_AFTER_MS.length)
    await hub.stop()
  } finally {
    place.remove()
    rmSync(rules, { recursive: true, force: true })
  }
})
