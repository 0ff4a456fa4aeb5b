import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readRoutes, type Routes } from '#triggers/index.ts'
import { quietUntil, type QuietInterval } from '#triggers/routes/quiet.ts'
import { routesOf } from '#triggers/routes/tree.ts'

const ROOT = new URL('../../../../', import.meta.url)
const page = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8')
const OK = { ok: true, value: `whsec_${Buffer.alloc(24).toString('base64')}` } as const
const read = (text: string) => readRoutes('routes.yaml', text, () => OK)
function good(text: string): Routes {
  const routes = read(text)
  if (!routes.ok) throw new Error(JSON.stringify(routes.faults))
  return routes.value
}

describe('the file', () => {
  test('that comes with the hub and the one of the page are right', () => {
    expect(good(page('rules/routes.example.yaml')).names).toEqual(['ops', 'daily', 'provisioning'])
    const yaml = /```yaml\n([\s\S]*?)```/.exec(page('docs/reference/routes.md'))![1]!
    expect(good(yaml)).toMatchObject({ names: ['ops', 'boss', 'storage'], fallback: 'boss' })
    expect(good(yaml).receiver('boss')).toMatchObject({ digestMs: 86_400_000 })
    expect(good(`format: 1\n${/```yaml\n([\s\S]*?)```/.exec(page('docs/reference/webhooks.md'))![1]!}`).receiver('storage')!.webhooks).toMatchObject([{ name: 'chat', form: 'standard', keys: [expect.any(Buffer)] }])
  })
  test('of before, with receivers and a default only, still reads', () => {
    const routes = good('format: 1\ndefault: ops\nreceivers: [{name: ops, mail: [a@b.c]}]\n')
    expect([routes.receiver('ops')?.name, routes.receiver('other')?.name, routes.root.receiver]).toEqual(['ops', 'ops', undefined])
    expect(routes.receiver('ops')).toMatchObject({ maxPerHour: 60, digestMs: undefined, quiet: [] })
  })
  test.for<readonly [string, string, string]>([
    ['an unknown default', 'default: opz\nreceivers: [{name: ops, mail: [a@b.c]}]', 'routes.yaml:2:10: there is no receiver `opz` (did you mean ops?)'],
    ['an unknown fallback', 'fallback: x\nreceivers: [{name: ops, mail: [a@b.c]}]', 'routes.yaml:2:11: there is no receiver `x`'],
    ['two of a name', 'receivers:\n- {name: ops, mail: [a@b.c]}\n- {name: ops, mail: [a@b.c]}', 'routes.yaml:4:10: there is a receiver `ops` already'],
    ['a receiver without a way', 'receivers:\n- {name: ops}', 'routes.yaml:3:3: receiver `ops` has neither'],
    ['the name of nobody', 'receivers:\n- {name: nobody, mail: [a@b.c]}', 'routes.yaml:3:10: `nobody` is the name'],
    ['an address that could end a header', 'receivers:\n- {name: ops, mail: ["a@b.c>, x@y.z"]}', 'routes.yaml:3:22: '],
    ['a route to nobody known', 'receivers: [{name: ops, mail: [a@b.c]}]\nroute: {receiver: ops, routes: [{receiver: boss}]}', 'routes.yaml:3:44: there is no receiver `boss`'],
    ['a tree without a receiver', 'receivers: [{name: ops, mail: [a@b.c]}]\nroute: {wait: 1s}', 'routes.yaml:3:8: the first route has no `receiver`'],
    ['a time that is none', 'receivers: [{name: ops, mail: [a@b.c]}]\nroute: {receiver: ops, wait: soon}', 'routes.yaml:3:30: `soon` is not a time from 0s to 1d'],
    ['a repeat every second', 'receivers: [{name: ops, mail: [a@b.c]}]\nroute: {receiver: ops, every: 1s}', 'routes.yaml:3:31: `1s` is not a time from 1m to 30d'],
    ['a severity that is none', 'receivers: [{name: ops, mail: [a@b.c]}]\nroute: {receiver: ops, routes: [{match: {severity: [error, hot]}}]}', 'routes.yaml:3:52: there is no severity `hot`'],
    ['a key that is none', 'receivers: [{name: ops, mail: [a@b.c]}]\nroute: {receiver: ops, group: [rule]}', 'routes.yaml:3:24: '],
    ['quiet hours that are not there', 'receivers: [{name: ops, mail: [a@b.c], quiet: night}]\nquiet_hours: {nights: [{from: "22:00", to: "07:00"}]}', 'there are no quiet hours `night` (did you mean nights?)'],
    ['a time of day that is none', 'receivers: []\nquiet_hours: {n: [{from: "25:00", to: "07:00"}]}', 'routes.yaml:3:26: `25:00` is no time of day'],
    ['a zone that is none', 'receivers: []\nquiet_hours: {n: [{from: "22:00", to: "07:00", tz: Mars/Base}]}', 'there is no time zone `Mars/Base`'],
    ['a day that is none', 'receivers: []\nquiet_hours: {n: [{days: weekend, from: "22:00", to: "07:00"}]}', '`weekend` is no day of the week'],
    ['a password in an address', 'receivers: [{name: ops, webhooks: [{url: "https://u:p@x.example/"}]}]', 'no password in an address'],
    ['an address of another kind', 'receivers: [{name: ops, webhooks: [{url: "file:///etc/passwd"}]}]', 'routes.yaml:2:'],
  ])('%s is a fault with its place', ([, text, expected]) => {
    const routes = read(`format: 1\n${text}\n`)
    const said = routes.ok ? [] : routes.faults.map(({ file, line, column, message, hint }) => `${file}:${line}:${column}: ${message}${hint === undefined ? '' : ` (${hint})`}`)
    expect(said).toHaveLength(1)
    expect(said[0]).toContain(expected)
  })
})

describe('the tree', () => {
  const { root } = good(`
format: 1
receivers: [{name: a, mail: [a@b.c]}, {name: b, mail: [a@b.c]}, {name: c, mail: [a@b.c]}]
route:
  receiver: a
  every: never
  routes:
  - match: {severity: '>=error'}
    continue: true
    receiver: b
    group_by: []
    routes: [{match: {rack: r1}, receiver: c, wait: 0s}]
  - {match: {rule: ['storage.*', exact]}, receiver: nobody}
  - {match: {rack: '*'}, receiver: c}
`)
  test.for<readonly [Record<string, string>, readonly (string | undefined)[]]>([
    [{ severity: 'info', rule: 'x' }, ['a']],
    [{ severity: 'critical', rule: 'x' }, ['b']],
    [{ severity: 'error', rule: 'x', rack: 'r1' }, ['c', 'c']],
    [{ severity: 'warning', rule: 'storage.raid' }, [undefined]],
    [{ severity: 'error', rule: 'exact' }, ['b', undefined]],
    [{ severity: 'info', rule: 'exactly', rack: 'r9' }, ['c']],
  ])('%o', ([fields, receivers]) => {
    expect(routesOf(root, (field) => fields[field]).map(({ receiver }) => receiver)).toEqual(receivers)
  })
  test('hands down what a route does not say', () => {
    const [deep] = routesOf(root, (field) => ({ severity: 'error', rack: 'r1' })[field])
    expect(deep).toMatchObject({ id: '0.0', timing: { groupBy: [], waitMs: 0, intervalMs: 300_000, everyMs: undefined } })
  })
})
describe('quiet hours', () => {
  const of = (text: string): readonly QuietInterval[] => good(`format: 1\nreceivers: [{name: ops, mail: [a@b.c], quiet: q}]\nquiet_hours: {q: [${text}]}\n`).receiver('ops')!.quiet
  const NIGHT = '{from: "22:00", to: "07:00", tz: Europe/Berlin}'
  const WEEK = '{days: mon-fri, from: "22:00", to: "07:00", tz: Europe/Berlin}'
  test.for<readonly [string, string, string, string | undefined]>([
    ['in the evening', NIGHT, '2026-11-23T21:30Z', '2026-11-24T06:00Z'],
    ['after midnight', NIGHT, '2026-11-24T02:00Z', '2026-11-24T06:00Z'],
    ['to the minute: it begins', NIGHT, '2026-11-23T21:00Z', '2026-11-24T06:00Z'],
    ['to the minute: it ends', NIGHT, '2026-11-24T06:00Z', undefined],
    ['by day', NIGHT, '2026-11-24T12:00Z', undefined],
    ['in summer time', NIGHT, '2026-07-01T20:30Z', '2026-07-02T05:00Z'],
    ['the night the clocks go back', NIGHT, '2026-10-24T22:00Z', '2026-10-25T06:00Z'],
    ['the night the clocks go forward', NIGHT, '2026-03-28T22:00Z', '2026-03-29T05:00Z'],
    ['Friday night belongs to Friday', WEEK, '2026-11-28T02:00Z', '2026-11-28T06:00Z'],
    ['Saturday evening is not quiet', WEEK, '2026-11-28T22:00Z', undefined],
    ['Monday morning belongs to Sunday', WEEK, '2026-11-23T02:00Z', undefined],
    ['intervals that follow each other are one', `${NIGHT}, {days: sat-sun, from: "07:00", to: "22:00", tz: Europe/Berlin}`, '2026-11-27T23:00Z', '2026-11-30T06:00Z'],
    ['far from UTC', '{from: "22:00", to: "23:00", tz: Pacific/Auckland}', '2026-11-23T09:30Z', '2026-11-23T10:00Z'],
    ['by an offset', '{from: "00:00", to: "24:00", days: mon, tz: "+05:30"}', '2026-11-22T20:00Z', '2026-11-23T18:30Z'],
  ])('%s', ([, text, at, until]) => {
    const untilMs = quietUntil(of(text), Date.parse(at))
    expect(untilMs === undefined ? undefined : new Date(untilMs).toISOString().replace(':00.000Z', 'Z')).toBe(until)
  })
  test('that never end are bounded', () => {
    const untilMs = quietUntil(of('{from: "00:00", to: "24:00"}'), Date.UTC(2026, 0, 1))
    expect(untilMs! - Date.UTC(2026, 0, 1)).toBeLessThanOrEqual(60 * 86_400_000)
  })
})
