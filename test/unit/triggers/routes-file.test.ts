import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { formatTextFault } from '#domain/fault.ts'
import { createHealth } from '#telemetry/index.ts'
import { createRulesStatus, findRoutesFile, loadRoutes, NO_ROUTES, readRoutes, registerHealth } from '#triggers/index.ts'

describe('routes', () => {
  const faults = (text: string): readonly string[] => {
    const routes = readRoutes('routes.yaml', text)
    return routes.ok ? [] : routes.faults.map(formatTextFault)
  }
  test('an unknown name goes to the default receiver', () => {
    const routes = readRoutes('r', 'format: 1\ndefault: ops\nreceivers: [{name: ops, mail: [a@b.c]}, {name: noc, mail: [d@e.f]}]\n')
    expect(routes.ok && [routes.value.receiver('noc')?.name, routes.value.receiver('boss')?.name, routes.value.names]).toEqual(['noc', 'ops', ['ops', 'noc']])
  })
  test.for<readonly [string, string, readonly string[]]>([
    ['an address with a line break', 'receivers: [{name: ops, mail: ["a@b.c\\nBcc: x@y.z"]}]', ['routes.yaml:2:32: receivers[0].mail[0] must be a text that matches ^[^@\\s<>,;"]+@[^@\\s<>,;"]+$, not "a@b.c\\nBcc: x@y.z"']],
    ['a default that is not there', 'default: boss\nreceivers: [{name: ops, mail: [a@b.c]}]', ['routes.yaml:2:10: there is no receiver `boss` (there are: ops)']],
    ['a name twice', 'receivers: [{name: ops, mail: [a@b.c]}, {name: ops, mail: [a@b.c]}]', ['routes.yaml:2:48: there is a receiver `ops` already']],
    ['an unknown key', 'defualt: ops\nreceivers: []', ['routes.yaml:2:1: defualt: there is no such key (did you mean default?)']],
  ])('%s is refused', ([, text, expected]) => {
    expect(faults(`format: 1\n${text}\n`)).toEqual(expected)
  })
  test('the data folder comes before the rule folders, and no file is no fault', () => {
    const [data, rules] = [mkdtempSync(join(tmpdir(), 'hps-data-')), mkdtempSync(join(tmpdir(), 'hps-rules-'))]
    const where = { configured: undefined, data, directories: [rules] }
    expect(loadRoutes(where)).toEqual({ ok: true, value: NO_ROUTES })
    writeFileSync(join(rules, 'routes.yaml'), 'format: 1\nreceivers: []\n')
    expect(findRoutesFile(where)).toBe(join(rules, 'routes.yaml'))
    writeFileSync(join(data, 'routes.yaml'), 'format: 1\nreceivers: []\n')
    expect(findRoutesFile(where)).toBe(join(data, 'routes.yaml'))
    expect(loadRoutes({ ...where, configured: '/nonexistent' })).toMatchObject({ ok: false, faults: [{ file: '/nonexistent' }] })
  })
  test('the example is right', () => {
    expect(faults(readFileSync(new URL('../../../rules/routes.example.yaml', import.meta.url), 'utf8'))).toEqual([])
  })
})

test('health tells what is missing, and never makes the hub unready', () => {
  const health = createHealth()
  const status = createRulesStatus()
  let routes = NO_ROUTES
  const config = { port: 25, tls: 'none' as const, from: 'a@b.c' }
  registerHealth(health, { status, config, routes: () => routes })
  const reasons = () => Object.fromEntries(Object.entries(health.report().checks).map(([name, { status: result, reason }]) => [name, `${result} ${reason ?? ''}`.trim()]))
  expect(reasons()).toEqual({ rules: 'warn the rules are not loaded yet', mail: 'warn no SMTP server is configured (mail.host): mails wait in the outbox' })
  status.take({ kind: 'refused', faults: ['r.yaml:1:1: no', 'r.yaml:2:1: no'] })
  expect(reasons()['rules']).toBe('warn no rules are in use: r.yaml:1:1: no and 1 more')
  status.take({ kind: 'loaded', rules: 1, tests: 1, list: [], policies: [], warnings: [], kept: 0, reset: [], gone: [] })
  expect(reasons()['rules']).toBe('pass')
  status.take({ kind: 'refused', faults: ['r.yaml:1:1: no'] })
  expect(reasons()['rules']).toBe('warn the rules on disk were refused, the ones before are in use: r.yaml:1:1: no')
  const withHost = createHealth()
  registerHealth(withHost, { status, config: { ...config, host: 'mail' }, routes: () => routes })
  expect(withHost.report().checks['mail']).toEqual({ status: 'warn', reason: 'there are no receivers (routes.yaml): mails wait in the outbox' })
  routes = { ...NO_ROUTES, file: 'r', names: ['ops'] }
  expect(withHost.report().checks['mail']).toEqual({ status: 'pass' })
})
