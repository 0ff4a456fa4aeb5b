import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../support/child.ts'
import { placeHub, ROOT, startHub, sumOf, type RunningHub } from '../support/hub.ts'

const RULES = `format: 1
pack: ended
rules:
- id: ended.needle
  title: 'needle {{number}}'
  severity: error
  when: {match: {app: sewer, regex: 'needle (?<number>\\w+)'}}
  by: [number]
  tests: [{name: none, steps: [{expect: {not_firing: {}}}]}]
- id: ended.third
  title: 'three pins'
  severity: warning
  when: {count: {match: {app: sewer, regex: ' pin'}, at_least: 3, within: 1h}}
  tests: [{name: none, steps: [{expect: {not_firing: {}}}]}]
`
const FAULTS = ['throw', 'memory'] as const
const NEEDLES = 200

interface Listed { readonly alerts: readonly { readonly rule: string; readonly count: number; readonly title: string; readonly state: string }[] }

const alertsOf = async (hub: RunningHub, rule: string) => (await hub.json<Listed>(`/api/v1/alerts?limit=1000&rule=${rule}`)).alerts
const needles = (round: number) => Array.from({ length: NEEDLES }, (_, n) => `<11>1 - n1 sewer - - - needle ${n} of round ${round}`)

test('rules that end by a fault or for want of memory are started again by the hub, which goes on receiving; nothing is matched twice or left out', { timeout: 120_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hps-rules-ended-'))
  writeFileSync(join(folder, 'ended.yaml'), RULES)
  const faultFile = join(folder, 'fault')
  const place = await placeHub({ rules: { directories: [folder] } })
  const hub = await startHub(place, { command: ['env', `FAULT_FILE=${faultFile}`, `NODE_OPTIONS=--require ${ROOT}/test/support/faults/rules-thread.cjs`, `${ROOT}/hps`] })
  onTestFinished(async () => {
    if (hub.child.running()) await hub.kill()
    place.remove()
    rmSync(folder, { recursive: true, force: true })
  })
  await until('the rules to begin', async () => sumOf(await hub.metrics(), 'hps_rules_loaded') === 1)
  let inAll = 0
  for (const [round, fault] of FAULTS.entries()) {
    expect((await hub.post([...needles(round), '<11>1 - n1 sewer - - - a pin'])).ok).toBe(true)
    writeFileSync(`${faultFile}.new`, fault)
    renameSync(`${faultFile}.new`, faultFile)
    await until(`the rules to end (${fault})`, async () => sumOf(await hub.metrics(), 'hps_rules_deaths_total') === round + 1)
    // more batches than the rules may hold: none may stay with the thread that is gone
    for (let n = 0; n < 12; n++) expect((await hub.post(needles(round))).ok).toBe(true)
    inAll += 13
    await until('the rules to catch up', async () => (await alertsOf(hub, 'ended.needle')).length === NEEDLES && (await alertsOf(hub, 'ended.needle')).every(({ count }) => count === inAll), { withinMs: 60_000, everyMs: 250 })
  }
  expect((await hub.post(['<11>1 - n1 sewer - - - a pin'])).ok).toBe(true)
  await until('the window, which outlived them, to be full', async () => (await alertsOf(hub, 'ended.third')).length === 1)
  const [ended] = await until('the alert about it', async () => {
    const alerts = await alertsOf(hub, 'rules-ended')
    return alerts.length > 0 && alerts
  })
  expect(ended).toMatchObject({ state: 'firing', title: expect.stringMatching(/^The rules ended by a fault and are started again: .+/) as string })
  const samples = await hub.metrics()
  expect([sumOf(samples, 'hps_ingest_batches_free'), sumOf(samples, 'hps_rules_batches_lent')]).toEqual([expect.toSatisfy((free: number) => free >= 8), 0])
  expect(await hub.json('/readyz/rules')).toMatchObject({ status: 'pass' })
  expect((await hub.stop()).code).toBe(0)
})
