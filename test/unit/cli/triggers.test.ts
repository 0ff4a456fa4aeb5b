import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { aRule } from './fake-alerts.ts'
import { startFakeHub, type FakeHub } from './fake-hub.ts'
import { runLine } from './run-line.ts'

let hub: FakeHub
beforeAll(async () => void (hub = await startFakeHub()))
afterAll(() => hub[Symbol.asyncDispose]())
beforeEach(() => void (hub.asked.length = 0))
const asked = () => hub.asked.map(({ method, path, body }) => `${method} ${path}${body === '' ? '' : ` ${body}`}`)

describe('hps outbox and hps notify', () => {
  test('lists by state, receiver, rule and alert', async () => {
    expect((await runLine('outbox --state dead --state retry --receiver ops --rule net.link --alert 12 -n 5', { hub })).code).toBe(0)
    expect(hub.asked[0]!.parameters).toEqual({ state: 'dead,retry', receiver: 'ops', rule: 'net.link', alert: '12', limit: '5' })
  })

  test('shows what it tells, and nothing in it can move the cursor', async () => {
    const { out } = await runLine('outbox show 3', { hub })
    expect(out).toContain('alerts:     12\n')
    expect(out).toContain('last error: refused')
    expect(out).toContain('"title": "x \\u001b[2J"')
    expect(out).not.toContain('\u001b')
  })

  test.each([
    ['outbox retry 3', 'POST /outbox/3/retry'],
    ['outbox cancel 3', 'POST /outbox/3/cancel'],
    ['outbox cancel --rule net.link', 'POST /outbox/cancel {"rule":"net.link"}'],
    ['outbox cancel --all', 'POST /outbox/cancel {"all":true}'],
    ['notify', 'GET /receivers'],
  ])('%s asks %s', async (line, expected) => {
    expect((await runLine(line, { hub })).code).toBe(0)
    expect(asked()).toEqual([expected])
  })

  test.each(['outbox cancel', 'outbox cancel 3 --all', 'outbox cancel --rule a --receiver b', 'notify -v'])('%s is refused before the hub is asked', async (line) => {
    expect((await runLine(line, { hub })).code).toBe(2)
    expect(hub.asked).toEqual([])
  })

  test('a receiver that is not reached ends with code 1 and the words of the server', async () => {
    const { code, out } = await runLine('notify --test ops -v', { hub })
    expect(code).toBe(1)
    expect(out).toBe('mail mail:25: not taken (refused, for good): 550 no \\x1b[2J\n  to a@b: refused: 550 no\n  not encrypted, 4 ms, Message-ID <1@hub>\n  server 220 hi\n')
    expect(asked()).toEqual(['POST /receivers/ops/test'])
  })
})

describe('hps rules', () => {
  test('lists the rules in use, and says why the files are not', async () => {
    hub.refusals.set('/rules', { status: 200, problem: { rules: [aRule], faults: ['rules/x.yaml:1:1: no \u001b[2J'], warnings: [] } })
    const { out, talk } = await runLine('rules', { hub })
    hub.refusals.clear()
    expect(out.split('\n')[1]).toMatch(/^net\.link {2}warning +live +match +4 +1 +2 +3 {2}rules\/net\.yaml/)
    expect(talk).toBe('refused: rules/x.yaml:1:1: no \\x1b[2J\n')
  })

  test('shows a rule with its text and what overrides it', async () => {
    const { out } = await runLine('rules show net.link', { hub })
    expect(out).toContain('status in rules/local/site.yaml:3:5')
    expect(out).toContain('- id: net.link\n  title: \\x1b[2J\n')
  })

  test('prints a JSON Schema', async () => {
    expect(JSON.parse((await runLine('rules schema')).out)).toMatchObject({ $schema: expect.stringContaining('json-schema.org') })
  })
})

describe('hps rules lint and test, without a hub', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hps-rule-files-'))
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const rule = (id: string, expected: string): string => `- id: ${id}\n  title: 'x on {{node}}'\n  severity: warning\n  when: {match: {app: kernel, contains: [broken]}}\n  by: [node]\n  tests:\n  - name: one\n    steps:\n    - '0s n1 kernel.warning: it is broken'\n    - expect: ${expected}\n  - name: near\n    steps: ['0s n1 kernel.warning: it works', {expect: {nothing_new: true}}]\n`
  const good = file('good.yaml', `format: 1\npack: site\nrules:\n${rule('site.good', '{firing: {node: n1}}')}`)
  const wrong = file('wrong.yaml', `format: 1\npack: site\nrules:\n${rule('site.wrong', '{nothing_new: true}')}`)
  const broken = file('broken.yaml', 'format: 1\npack: site\nrules:\n- id: site.broken\n  titl: x\n')

  test('a good file is good, and its tests are run', async () => {
    expect(await runLine(`rules lint ${good}`)).toEqual({ code: 0, out: '', talk: '-- 1 file, 1 rule, no fault --\n' })
    expect(await runLine(`rules test ${good}`)).toEqual({ code: 0, out: '', talk: '-- 1 file, 1 rule, 2 tests passed --\n' })
  })

  test('a test that fails stands at its step, and only where tests are run', async () => {
    expect((await runLine(`rules lint ${wrong}`)).code).toBe(0)
    const { code, out } = await runLine(`rules test ${wrong}`)
    expect(code).toBe(1)
    expect(out).toMatch(/wrong\.yaml:13:\d+: test “one”: /)
  })

  test('a fault is told as file:line:column with what was meant, as text and as JSON', async () => {
    const { code, out } = await runLine(`rules lint ${broken}`)
    expect(code).toBe(1)
    expect(out).toMatch(/broken\.yaml:5:3: .*titl.*did you mean .*title/)
    const json = JSON.parse((await runLine(`rules lint ${broken} -o json`)).out) as { good: boolean; faults: { line: number; column: number }[] }
    expect([json.good, json.faults.some(({ line, column }) => line === 5 && column === 3)]).toEqual([false, true])
  })

  test('a folder is read with what is local in it; rules beside it are there when they are asked for', async () => {
    const site = mkdtempSync(join(tmpdir(), 'hps-rule-folder-'))
    mkdirSync(join(site, 'local'))
    writeFileSync(join(site, 'a.yaml'), `format: 1\npack: site\nrules:\n${rule('site.a', '{firing: {node: n1}}')}`)
    writeFileSync(join(site, 'local', 'b.yaml'), `format: 1\npack: local\nrules:\n${rule('local.b', '{firing: {node: n1}}')}`)
    expect((await runLine(`rules test ${site}`)).talk).toBe('-- 2 files, 2 rules, 4 tests passed --\n')
    expect((await runLine(`rules test ${good} --with ${site}`)).talk).toBe('-- 3 files, 3 rules, 6 tests passed --\n')
  })

  test('a path that is not there is a mistake of the command line', async () => {
    expect(await runLine('rules lint /nowhere/at/all')).toMatchObject({ code: 2, talk: expect.stringContaining('/nowhere/at/all cannot be read: ENOENT') })
  })
})
