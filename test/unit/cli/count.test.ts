import { expect, test } from 'vitest'
import { textLine } from '#api/export-forms.ts'
import { choosePaint } from '../../../src/cli/color.ts'
import { messageLine } from '../../../src/cli/output.ts'
import { aCount, aMessage, startFakeHub } from './fake-hub.ts'
import { runLine } from './run-line.ts'

test('count prints the total alone, or groups with what is not in them', async () => {
  await using hub = await startFakeHub()
  hub.count = aCount({ by: [], groups: [] })
  expect(await runLine('count app:kernel', { hub })).toMatchObject({ code: 0, out: '3\n', talk: '' })
  hub.count = aCount({ distinct: 9, others: 40, total: 43 })
  const { out, talk } = await runLine('count --by node -n 2', { hub })
  expect(out).toBe('NODE     COUNT\ntch-001      2\n-            1\n')
  expect(talk).toBe('-- 2 of 9 groups; 40 of 43 messages are in others --\n')
  expect(hub.asked.map(({ parameters }) => parameters)).toEqual([{ q: 'app:kernel', limit: '20' }, { q: '', by: 'node', limit: '2' }])
})

test('a step counts over time, with a bar a step', async () => {
  await using hub = await startFakeHub()
  hub.count = aCount({ by: ['time'], groups: [{ keys: ['2026-11-22T15:00:00.000Z'], count: 20 }, { keys: ['2026-11-22T15:05:00.000Z'], count: 1 }], step_ms: 300_000 })
  const { out } = await runLine('count --step 5m', { hub })
  expect(out.split('\n')[1]).toBe(`2026-11-22T15:00:00.000Z     20  ${'#'.repeat(40)}`)
  expect(hub.asked[0]!.parameters).toEqual({ q: '', by: 'time', step: '5m', limit: '10000' })
})

test('as JSON each group is a line with its keys by name', async () => {
  await using hub = await startFakeHub()
  expect((await runLine('count --by node -o json', { hub })).out).toBe('{"node":"tch-001","count":2}\n{"node":null,"count":1}\n')
})

test('top shows count, share and the newest message of each template', async () => {
  await using hub = await startFakeHub()
  hub.count = aCount({ by: ['template'], total: 4, groups: [{ keys: ['00000000000000ff'], count: 3, pattern: 'session * opened', example: aMessage({ app: 'sshd', text: 'session 7 opened\u001b[2J' }) }] })
  const { out } = await runLine('top', { hub })
  expect(out.split('\n')[1]).toBe('         3  75.0 %  sshd: session 7 opened\\x1b[2J')
  const { out: json } = await runLine('top -o json', { hub })
  expect(JSON.parse(json)).toMatchObject({ template: '00000000000000ff', count: 3, share: 0.75, pattern: 'session * opened' })
})

test('a count that was stopped says why, and ends with 1', async () => {
  await using hub = await startFakeHub()
  hub.count = aCount({ complete: false, reason: 'deadline' })
  expect(await runLine('count', { hub })).toMatchObject({ code: 1, talk: expect.stringContaining('deadline') as string })
})

test('Ctrl-C stops a search, and what was found is printed', async () => {
  await using hub = await startFakeHub()
  hub.messages = [aMessage({ text: 'found before' })]
  hub.running = () => undefined
  const shown: string[] = []
  const stop = new AbortController()
  const outcome = await runLine('logs', { hub, signal: stop.signal, onProgress: (line) => line !== undefined && shown.push(line) > 0 && stop.abort() })
  expect(shown).toEqual(['searched 42 % of 100 messages, Ctrl-C stops'])
  expect(outcome.out).toContain('found before')
  expect(outcome).toMatchObject({ code: 1, talk: 'the search was stopped: this is what it had found\n' })
})

test('an export goes out as it came, and one that breaks off is a failure', async () => {
  await using hub = await startFakeHub()
  hub.exported = { text: 'line one\nline two\n', isBroken: false }
  expect(await runLine('export app:sshd -o raw --framing octet-counting -z gzip', { hub })).toMatchObject({ code: 0, out: 'line one\nline two\n' })
  expect(hub.asked[0]!.parameters).toEqual({ q: 'app:sshd', form: 'raw', framing: 'octet-counting', compress: 'gzip', order: 'oldest' })
  hub.exported = { text: 'line one\n', isBroken: true }
  expect(await runLine('export', { hub })).toMatchObject({ code: 1, out: 'line one\n', talk: expect.stringContaining('broke off and is not whole') as string })
  expect(await runLine('export -o text --framing octet-counting', { hub })).toMatchObject({ code: 2 })
})

test('a message reads the same in an export and on the command line', () => {
  for (const message of [aMessage(), aMessage({ node: null, host: 'a\u001bb', session: null, app: '', procid: '', text: 'x\ny' })]) {
    expect(textLine(message)).toBe(messageLine(message, choosePaint('never', { env: {}, isTerminal: false })))
  }
})
