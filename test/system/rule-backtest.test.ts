import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AlertView, BacktestView, NoiseView, RulesView } from '#api/index.ts'
import { run } from '../support/child.ts'
import { aHub, ROOT, untilFound, type RunningHub } from '../support/hub.ts'
import { sendTcp } from '../support/senders.ts'

const rule = (id: string, regex: string): string => `
format: 1
pack: study
rules:
- id: ${id}
  title: '{{node}}: disk {{disk}} fails'
  severity: error
  when: {match: {app: kernel, regex: '${regex} (?<disk>\\w+)'}}
  by: [node, disk]
  notify: {wait: 0s}
  tests:
  - {name: one, steps: ['0s n1 kernel.crit: ${regex} sda1', expect: {firing: {disk: sda1}}]}
`
const ROUTES = `
format: 1
receivers: [{name: ops, mail: [ops@example.org], max_per_hour: 1000}]
route: {receiver: ops, group_by: [alert], wait: 0s}
`
/** Each a disk of its own: so many alerts. */
const DISKS = 400

describe('rules on the past', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hps-backtest-'))
  const rules = join(folder, 'rules')
  let hub: RunningHub & AsyncDisposable

  beforeAll(async () => {
    mkdirSync(rules)
    writeFileSync(join(rules, 'study.yaml'), rule('study.disk', 'Disk failure on'))
    writeFileSync(join(rules, 'routes.yaml'), ROUTES)
    hub = await aHub({ rules: { directories: [rules] } })
    const lines = Array.from({ length: DISKS }, (_, disk) => `<2>1 - tch-00${disk % 3} kernel - - - Disk failure on d${disk}, of ${DISKS}`)
    await sendTcp(hub.syslogPort, [[...lines, '<38>1 - tch-001 sshd - - - the last one', ''].join('\n')])
    await untilFound(hub, '"the last one"')
  }, 60_000)
  afterAll(async () => {
    await hub[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true })
  })

  const hps = (...words: readonly string[]) => run(join(ROOT, 'hps'), ['--data', hub.data, ...words], { withinMs: 30_000 })
  const backtest = (body: object): Promise<BacktestView> => hub.json<BacktestView>('/api/v1/rules/backtest', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ since: '1h', ...body }) })

  test('a rule that is in use leads to what it led to: the same alerts of the same messages', async () => {
    await expect.poll(async () => (await hub.json<{ alerts: readonly AlertView[] }>(`/api/v1/alerts?rule=study.disk&limit=1000`)).alerts.length, { timeout: 30_000 }).toBe(DISKS)
    const { alerts } = await hub.json<{ alerts: readonly AlertView[] }>(`/api/v1/alerts?rule=study.disk&limit=1000`)
    const view = await backtest({ rule: 'study.disk', limit: 1000 })
    expect(view).toMatchObject({ complete: true, matches: DISKS, alerts: { fired: DISKS, open_at_end: DISKS }, notices: { news: DISKS, receivers: [{ receiver: 'ops', known: true, mails: DISKS }] } })
    const shown = ({ title, first, severity }: { readonly title: string; readonly first: string; readonly severity: string }): string => `${first} ${severity} ${title}`
    expect(view.first.map(shown).sort()).toEqual(alerts.map(shown).sort())
    expect(view.first[0]!.message).toBe((await untilFound(hub, '"on d0"'))[0]!.seq)
  })

  test('a file is tried without being loaded, at the command line', async () => {
    const file = join(folder, 'more.yaml')
    writeFileSync(file, rule('study.other', 'failure on'))
    const { code, stdout } = await hps('rules', 'backtest', file, '--since', '1h', '-n', '2')
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(new RegExp(`^In 1h: ${DISKS} notices of something new about ${DISKS} alerts;`)) as string })
    expect(stdout).toContain(`the first 2 of ${DISKS}`)
    expect((await hub.json<RulesView>('/api/v1/rules')).rules.map(({ id }) => id)).toEqual(['study.disk'])
  })

  test('a file with a fault is refused with the place of it', async () => {
    const file = join(folder, 'bad.yaml')
    writeFileSync(file, rule('study.bad', 'x').replace('severity: error', 'severity: bad'))
    const { code, output } = await hps('rules', 'backtest', file)
    expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining('bad.yaml:7:') as string })
    expect(await hps('rules', 'backtest', join(folder, 'none.yaml'))).toMatchObject({ code: 2, output: expect.stringContaining('none.yaml cannot be read: ENOENT') as string })
  })

  test('what nobody looked after is said, with an advice', async () => {
    const view = await hub.json<NoiseView>('/api/v1/rules/noise?since=1h')
    expect(view.rules[0]).toMatchObject({ rule: 'study.disk', alerts: DISKS, acknowledged: 0, unattended: DISKS, open: DISKS })
    expect(view.rules[0]!.advice).toBe(`nobody acknowledged or closed one of ${DISKS}: give it a lower severity or a digest, or take it away`)
  })
})
