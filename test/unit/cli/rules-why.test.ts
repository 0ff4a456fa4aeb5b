import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { explained, suggested, whyNotView } from '../api/fake-why.ts'
import { startFakeHub, type FakeHub } from './fake-hub.ts'
import { runLine } from './run-line.ts'

const folder = mkdtempSync(join(tmpdir(), 'hps-suggest-'))
let hub: FakeHub
beforeAll(async () => void (hub = await startFakeHub()))
afterAll(async () => {
  await hub[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})
beforeEach(() => {
  hub.asked.length = 0
  hub.refusals.clear()
  for (const [path, problem] of [['/rules/explain', explained()], ['/rules/login.guessing/why-not', whyNotView()], ['/rules/suggest', suggested()]] as const) hub.refusals.set(path, { status: 200, problem })
})

test('explain says rule by rule what a message fulfils, and no text in it moves the cursor', async () => {
  const { code, out } = await runLine('rules explain 7', { hub })
  expect([code, hub.asked[0]!.parameters]).toEqual([0, { message: '7' }])
  expect(out).toContain('message 7: 2026-11-22T03:00:00.000Z tch-001 kernel.crit: md0: Disk failure\\x1b[2J\n')
  expect(out).toContain('  fulfils on array=md0\n')
  expect(out).toContain('    notice 5 to storage by mail: retry: 450 later\n')
  expect(out).toContain('nearly:\n  kernel.panic (on): the expression is not found in the text: panic\n')
  expect(JSON.parse((await runLine('rules explain 7 -o json', { hub })).out)).toEqual(explained())
})

test('explain says that nothing is fulfilled, that it took too long, and that the rules have not come to it', async () => {
  hub.refusals.set('/rules/explain', { status: 200, problem: { ...explained(), looked_at: false, complete: false, rules: [], near: [] } })
  const { out } = await runLine('rules explain 7', { hub })
  expect(out.split('\n').slice(1)).toEqual(['held against 40 rules (there are more: it took too long); the rules have not come to it yet', 'no rule is fulfilled', ''])
})

test('why-not climbs to the gate that is shut', async () => {
  const { code, out } = await runLine('rules why-not login.guessing --node tch-001 --since 2h', { hub })
  expect([code, hub.asked[0]!.parameters]).toEqual([0, { node: 'tch-001', since: '2h' }])
  expect(out).toBe('ok   loaded     the rule is in use\nSTOP window     2 of 3 [message 7, 2026-11-22T03:10:00.000Z]\nlogin.guessing, tch-001: stopped at window: 2 of 3\n')
  hub.refusals.set('/rules/login.guessing/why-not', { status: 200, problem: { ...whyNotView(), complete: false } })
  expect((await runLine('rules why-not login.guessing --node tch-001', { hub })).out).toContain('-- the newest 12 messages were looked at; there are more --\n')
})

test('suggest takes numbers and files of lines, prints the file alone, and remarks beside it', async () => {
  const file = join(folder, 'bad.txt')
  writeFileSync(file, 'kernel.crit: md0: works\n\nsshd.info: Failed: again\n')
  const { code, out, talk } = await runLine(`rules suggest --good 7 --good 9 --bad ${file} --id site.raid`, { hub })
  expect([code, out, talk]).toEqual([0, 'format: 1\nrules: []\n', '-- there is no near miss --\n'])
  expect(JSON.parse(hub.asked[0]!.body)).toEqual({ id: 'site.raid', good: [7, 9], bad: [{ app: 'kernel', severity: 'crit', text: 'md0: works' }, { app: 'sshd', severity: 'info', text: 'Failed: again' }] })
})

test('lines that cannot be told apart end suggest with code 1 and the reason', async () => {
  hub.refusals.set('/rules/suggest', { status: 200, problem: { ...suggested(), good: false, text: null, reason: 'not-told-apart', detail: 'this one \u001b[2J' } })
  expect(await runLine('rules suggest --good 7', { hub })).toMatchObject({ code: 1, out: '', talk: 'no rule: this one \\x1b[2J\n' })
})

test.for(['rules suggest', 'rules suggest --bad 7', 'rules suggest --good /no/such/file', 'rules why-not login.guessing', 'rules explain'])('%s is refused before the hub is asked', async (line) => {
  expect((await runLine(line, { hub })).code).toBe(2)
  expect(hub.asked).toEqual([])
})

test('a file with a line that is none is refused with the line', async () => {
  const file = join(folder, 'wrong.txt')
  writeFileSync(file, 'no severity here\n')
  const { code, talk } = await runLine(`rules suggest --good ${file}`, { hub })
  expect([code, talk]).toEqual([2, expect.stringContaining('a line cannot be read: no severity here')])
})
