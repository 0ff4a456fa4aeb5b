import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { examine } from '../../../../src/cli/doctor/examine.ts'
import type { Machine } from '../../../../src/cli/doctor/machine.ts'
import { examineClock, examineData, holderOf } from '../../../../src/cli/doctor/of-machine.ts'
import { programVersion } from '../../../../src/cli/root.ts'

const NOW_MS = Date.parse('2026-11-22T12:00:00Z')
const nothing: Machine = { read: () => undefined, list: () => undefined, stat: () => undefined, space: () => undefined, run: async () => undefined }
const data = mkdtempSync(join(tmpdir(), 'hps-doctor-'))
writeFileSync(join(data, 'operator.token'), 'secret\n')

const answer = { version: programVersion(), host: 'hub', started: '2026-11-22T10:30:00Z', now: '2026-11-22T12:00:00Z', verdict: 'warn', checks: [{ name: 'mail', verdict: 'warn', finding: 'no server', mend: 'set mail.host' }] }
const answering = (body: object): typeof fetch => async () => new Response(JSON.stringify(body), { status: 200, headers: { 'content-type': 'application/json' } })
const dead: typeof fetch = async () => {
  throw Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNREFUSED' } })
}
const doctor = (over: { readonly fetch?: typeof fetch; readonly url?: string; readonly machine?: Machine; readonly faults?: readonly string[] }) =>
  examine({
    options: { data, url: over.url ?? 'http://127.0.0.1:8080' }, machine: over.machine ?? nothing, configFaults: async () => over.faults ?? [],
    io: { env: { HPS_TOKEN: 'secret' }, fetch: over.fetch ?? answering(answer), signal: new AbortController().signal, clock: () => NOW_MS },
  })
const verdicts = (checks: readonly { readonly name: string; readonly verdict: string }[]) => Object.fromEntries(checks.map(({ name, verdict }) => [name, verdict]))

test('a hub that answers: what it is, what is here, and what it says of itself', async () => {
  const { checks, isHere } = await doctor({})
  expect(isHere).toBe(true)
  expect(verdicts(checks)).toEqual({ hub: 'ok', configuration: 'ok', mail: 'warn' })
  expect(checks[0]!.finding).toBe(`http://127.0.0.1:8080 answers: version ${programVersion()} on hub, up 1h30m`)
})

test('another version, and another clock, are told', async () => {
  const { checks } = await doctor({ fetch: answering({ ...answer, version: '0.0.1', now: '2026-11-22T12:00:03Z' }) })
  expect(verdicts(checks)).toMatchObject({ hub: 'warn', clocks: 'warn' })
  expect(checks.find(({ name }) => name === 'clocks')!.finding).toContain('3s apart')
})

test('a hub elsewhere: this machine is left alone', async () => {
  const looked: string[] = []
  const machine: Machine = { ...nothing, list: (path) => (looked.push(path), []), run: async (program) => (looked.push(program), '') }
  const { checks, isHere } = await doctor({ url: 'http://hub.example.org:8080', fetch: dead, machine })
  expect([isHere, looked, verdicts(checks)]).toEqual([false, [], { hub: 'fail' }])
})

test('a hub that is down: the lock, the last message and the disk tell what happened', async () => {
  const files: Readonly<Record<string, number>> = { [join(data, 'hub.lock')]: 7, [join(data, 'log/segments/1.seg')]: 8 }
  const machine: Machine = {
    ...nothing,
    list: (path) => (path.endsWith('segments') ? ['1.seg'] : ['hub.lock']),
    stat: (path) => (files[path] === undefined ? undefined : { inode: files[path], modifiedMs: NOW_MS }),
    read: () => '1: POSIX  ADVISORY  WRITE 4711 fe:01:9 0 EOF\n',
    space: () => ({ freeBytes: 0, totalBytes: 1000 }),
  }
  const { checks } = await doctor({ fetch: dead, machine, faults: ['hub.yaml:3:5: no such key\n  hint'] })
  expect(verdicts(checks)).toEqual({ hub: 'fail', configuration: 'fail', lock: 'fail', 'last-message': 'ok', disk: 'fail' })
  expect(checks.find(({ name }) => name === 'configuration')).toMatchObject({ finding: '1 fault: hub.yaml:3:5: no such key', mend: 'hps check' })
  expect(checks.find(({ name }) => name === 'lock')!.finding).toBe('no process holds the data folder: the hub has ended')
  expect(checks.find(({ name }) => name === 'last-message')!.finding).toContain('2026-11-22T12:00:00')
})

test('a process that holds the folder and does not answer is named', () => {
  const machine: Machine = { ...nothing, list: () => [], stat: () => ({ inode: 9, modifiedMs: 0 }), read: () => '1: POSIX  ADVISORY  WRITE 4711 fe:01:9 0 EOF\n' }
  expect(examineData('/data', machine)[0]).toMatchObject({ verdict: 'fail', finding: 'process 4711 holds the data folder, but does not answer', mend: 'journalctl -u hps-hub -n 50; then: kill 4711' })
})

test('a process that was stopped is told apart from one that hangs, whatever its name holds', () => {
  const read = (path: string): string => (path.endsWith('/stat') ? '4711 (no) R (de) T 1 4711' : '1: POSIX  ADVISORY  WRITE 4711 fe:01:9 0 EOF\n')
  expect(examineData('/data', { ...nothing, list: () => [], stat: () => ({ inode: 9, modifiedMs: 0 }), read })[0]).toMatchObject({ mend: 'kill -CONT 4711' })
})

test.for([
  ['nothing', null], ['a text', 'hello'], ['a list', []], ['no checks', { ...answer, checks: undefined }], ['a time that is none', { ...answer, started: 'yesterday' }],
  ['a verdict that is none', { ...answer, checks: [{ name: 'mail', verdict: 'perhaps', finding: '', mend: null }] }], ['a check without a finding', { ...answer, checks: [{ name: 'mail', verdict: 'ok', mend: null }] }],
] as const)('what answers with %s is no hub', async ([, body]) => {
  const { checks } = await doctor({ fetch: answering(body as object) })
  expect(checks[0]).toMatchObject({ name: 'hub', verdict: 'fail', finding: expect.stringContaining('is not a hub of this kind') })
})

test('what answers without JSON is no hub either', async () => {
  const { checks } = await doctor({ fetch: async () => new Response('<html>', { status: 200 }) })
  expect(checks[0]).toMatchObject({ name: 'hub', verdict: 'fail', finding: expect.stringContaining('speaks no JSON') })
})

test('a folder that is not there, or not ours to see, is said and nothing more', () => {
  expect(examineData('/data', nothing)).toMatchObject([{ name: 'data', verdict: 'warn' }])
})

test.for([
  { what: 'timedatectl says yes', out: { timedatectl: 'yes\n' }, verdict: 'ok' },
  { what: 'timedatectl says no', out: { timedatectl: 'no\n' }, verdict: 'warn' },
  { what: 'only chrony is there, and follows', out: { chronyc: 'A,1.2.3.4,3,1,0,0,0,0,0,0,0,0,0,Normal\n' }, verdict: 'ok' },
  { what: 'only chrony is there, and follows nobody', out: { chronyc: ',,0,0,0,0,0,0,0,0,0,0,0,Not synchronised\n' }, verdict: 'warn' },
  { what: 'nobody says', out: {}, verdict: undefined },
])('the clock: $what', async ({ out, verdict }) => {
  const machine: Machine = { ...nothing, run: async (program) => (out as Readonly<Record<string, string>>)[program] }
  expect((await examineClock(machine))?.verdict).toBe(verdict)
})

test.for([
  ['1: POSIX  ADVISORY  WRITE 4711 fe:01:131075 0 EOF\n2: FLOCK  ADVISORY  WRITE 12 00:2f:77 0 EOF', 77, 12],
  ['1: -> POSIX  ADVISORY  WRITE 4711 fe:01:131075 0 EOF', 131_075, 4711],
  ['1: POSIX  ADVISORY  WRITE 4711 fe:01:131075 0 EOF', 13_107, undefined],
  ['', 1, undefined],
] as const)('who holds a lock in %j of inode %i: %s', ([locks, inode, pid]) => {
  expect(holderOf(locks, inode)).toBe(pid)
})
