import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ExplainView, SuggestView, WhyNotView } from '#api/index.ts'
import { aHub, untilFound, type RunningHub } from '../support/hub.ts'
import { sendUdp } from '../support/senders.ts'

const RULES = `
format: 1
pack: study
rules:
- id: study.disk
  title: '{{node}}: disk {{disk}} fails'
  severity: error
  when: {match: {app: kernel, regex: 'Disk failure on (?<disk>\\w+)'}}
  by: [node, disk]
  tests:
  - {name: one, steps: ['0s n1 kernel.crit: Disk failure on sda1', expect: {firing: {disk: sda1}}]}
- id: study.guess
  title: '{{node}}: {{count}} failed'
  severity: warning
  when: {count: {match: {app: sshd, contains: Failed password}, at_least: 3, within: 1h}}
  by: [node]
  tests:
  - {name: two, steps: ['0s n1 sshd.info: Failed password', '1s n1 sshd.info: Failed password', expect: {nothing_new: true}]}
`

describe('why a rule did what it did', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hps-why-'))
  let hub: RunningHub & AsyncDisposable

  beforeAll(async () => {
    writeFileSync(join(folder, 'study.yaml'), RULES)
    hub = await aHub({ rules: { directories: [folder] } })
    const lines = ['<2>1 - tch-001 kernel - - - md0: Disk failure on sda1, disabling', '<38>1 - tch-001 sshd - - - Failed password for root', '<38>1 - tch-001 sshd - - - Failed password for bob', '<2>1 - tch-001 kernel - - - Disk failure of sda1']
    await sendUdp(hub.syslogPort, lines)
    await untilFound(hub, 'node:tch-001', 4)
  }, 60_000)
  afterAll(async () => {
    await hub[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true })
  })

  const seqOf = async (query: string): Promise<number> => (await untilFound(hub, query))[0]!.seq

  test('a message is explained with its key, its alert and what is nearly fulfilled', async () => {
    const seq = await seqOf('"failure on"')
    await expect.poll(() => hub.json<ExplainView>(`/api/v1/rules/explain?message=${seq}`), { timeout: 20_000 }).toMatchObject({
      looked_at: true, complete: true, rules: [{ rule: 'study.disk', passes: true, patterns: [{ role: 'on', captures: { disk: 'sda1' } }], alert: { state: 'firing', has_message: true } }],
    })
    const near = await hub.json<ExplainView>(`/api/v1/rules/explain?message=${await seqOf('"failure of"')}`)
    expect(near).toMatchObject({ rules: [], near: [{ rule: 'study.disk', misses: [{ kind: 'regex' }] }] })
    const window = await hub.json<ExplainView>(`/api/v1/rules/explain?message=${await seqOf('bob')}`)
    expect(window.rules[0]).toMatchObject({ rule: 'study.guess', state: { have: 2, need: 3 }, alert: null })
  })

  test('what stopped a rule is said: the window, the route, the name', async () => {
    const of = (rule: string): Promise<WhyNotView> => hub.json<WhyNotView>(`/api/v1/rules/${rule}/why-not?node=tch-001`)
    expect((await of('study.guess')).verdict).toMatchObject({ gate: 'window', outcome: 'stopped', why: expect.stringContaining('2 of 3') as string })
    expect((await of('study.disk')).rungs.map(({ gate }) => gate)).toContain('open')
    expect((await of('no.such')).verdict).toMatchObject({ gate: 'loaded', outcome: 'stopped' })
  })

  test('a rule is suggested from stored messages', async () => {
    const good = [await seqOf('"failure on"')]
    const bad = [await seqOf('"failure of"')]
    const made = await hub.json<SuggestView>('/api/v1/rules/suggest', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ good, bad }) })
    expect(made).toMatchObject({ good: true, text: expect.stringContaining('suggested.rule') as string })
  })
})
