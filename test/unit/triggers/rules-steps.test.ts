import { expect, test } from 'vitest'
import { readTests } from '#triggers/rules/read-tests.ts'
import { checkCron } from '#triggers/rules/cron.ts'
import type { RuleFault } from '#triggers/rules/fault.ts'
import type { Step } from '#triggers/rules/rule.ts'
import type { StepFile } from '#triggers/rules/schema-tests.ts'

const EXPECT: StepFile = { expect: { nothing_new: true } }
function read(...steps: readonly StepFile[]): { readonly steps: readonly Step[]; readonly faults: readonly RuleFault[] } {
  const faults: RuleFault[] = []
  const [one] = readTests([{ name: 'n', steps: [...steps, EXPECT] }], { path: ['tests'], faults })
  return { steps: one!.steps, faults }
}

test.for<readonly [StepFile, Partial<Step>]>([
  ['0s n1/aaa kernel.crit: md0: failed', { kind: 'line', atMs: 0, node: 'n1', session: 'aaa', app: 'kernel', facility: 0, severity: 2, text: 'md0: failed' }],
  ['1m30s tch-001.example.org sshd.info: a: b', { kind: 'line', atMs: 90_000, node: 'tch-001.example.org', session: '', app: 'sshd', facility: undefined, severity: 6, text: 'a: b' }],
  ['2s n1 auth/sshd.warn: x', { kind: 'line', app: 'sshd', facility: 4, severity: 4, text: 'x' }],
  ['2s n1 postfix/smtpd.error: x', { kind: 'line', app: 'postfix/smtpd', facility: undefined, severity: 3 }],
  ['2s n1 a.b.c.info:', { kind: 'line', app: 'a.b.c', severity: 6, text: '' }],
  ['2s n1 app.info: two\nlines', { kind: 'line', text: 'two\nlines' }],
  ['0s n1/aaa @session start', { kind: 'event', node: 'n1', session: 'aaa', event: 'session', to: 'start', from: '', fields: {} }],
  ['0s n1 @state installing from=configured', { kind: 'event', event: 'state', to: 'installing', from: 'configured', fields: {} }],
  ['0s n1 @alert firing rule=node.silent rack="r 1" severity=error', { kind: 'event', event: 'alert', to: 'firing', fields: { rule: 'node.silent', rack: 'r 1', severity: 'error' } }],
  ['0s - @trigger ops subject="a \'b\' c" empty=""', { kind: 'event', node: '', event: 'trigger', to: 'ops', fields: { subject: "a 'b' c", empty: '' } }],
  [{ advance: '1h30m' }, { kind: 'advance', byMs: 5_400_000 }],
  [{ expect: { firing: { port: 22, node: 'n1' }, count: 2 } }, { kind: 'expect', expect: { firing: { port: '22', node: 'n1' }, count: 2 } }],
])('%j is read', ([step, expected]) => {
  const { steps, faults } = read(step)
  expect(faults).toEqual([])
  expect(steps[0]).toMatchObject(expected)
})

test.for<readonly [StepFile, string]>([
  ['0s n1 kernel: no severity', 'the line cannot be read'],
  ['0s n1 kernel.loud: x', 'there is no severity `loud`'],
  ['soon n1 kernel.info: x', '`soon` is not a time'],
  ['0s n1 @reboot now', 'there is no event of the hub `reboot`'],
  ['0s n1 @session begin', 'there is no `session` `begin`'],
  ['0s n1 @stage running', 'there is no `stage` `running`'],
  ['0s n1 @state', 'the event cannot be read'],
  ['0s n1 @alert firing rule', 'the event cannot be read'],
  ['0s n1 @alert firing rule="open', 'the event cannot be read'],
  [{}, 'a step is a line, `advance` or `expect`'],
  [{ advance: '1m', expect: { count: 1 } }, 'a step is a line, `advance` or `expect`'],
  [{ advance: 'later' }, '`advance` is a time'],
  [{ expect: {} }, '`expect` says at least one thing'],
])('%j is refused', ([step, message]) => {
  expect(read(step).faults.map((fault) => fault.message)).toEqual([message])
})

test('time does not go back, and `advance` is part of it', () => {
  expect(read('5s n1 a.info: x', '4s n1 a.info: x').faults).toEqual([{ path: ['tests', 0, 'steps', 1], message: 'it is earlier than what stands before it', hint: 'times count from the start of the test' }])
  expect(read('5s n1 a.info: x', { advance: '10s' }, '14s n1 @session end').faults.map(({ path }) => path)).toEqual([['tests', 0, 'steps', 2]])
  expect(read('5s n1 a.info: x', { advance: '10s' }, '15s n1 @session end', '15s n1 a.info: y').faults).toEqual([])
})

test('facts of the inventory are words of the catalogues, labels are free', () => {
  const faults: RuleFault[] = []
  const [one] = readTests([{ name: 'n', inventory: { n1: { state: 'running', rack: 12, spare: true }, n2: { state: 'runing', stage: 'post' } }, steps: [EXPECT] }], { path: [], faults })
  expect(one!.inventory).toEqual({ n1: { state: 'running', rack: '12', spare: 'true' }, n2: { state: 'runing', stage: 'post' } })
  expect(faults).toEqual([{ path: [0, 'inventory', 'n2', 'state'], message: 'there is no lifecycle state `runing`', hint: 'did you mean running?' }])
})

test.for<readonly [string, string | undefined]>([
  ['0 7 * * 1-5', undefined], ['*/15 0-6,22-23 1,15 jan-mar,DEC sun', undefined], ['30 0 7 * * monday', undefined], ['0-30/5 * * * 7', undefined],
  ['0 7 * *', 'it has 4 fields, not 5 or 6'], ['0 0 0 7 * * *', 'it has 7 fields, not 5 or 6'], ['60 * * * *', 'minute: `60` is not from 0 to 59'], ['0 24 * * *', 'hour: `24` is not from 0 to 23'],
  ['0 7 0 * *', 'day of month: `0` is not from 1 to 31'], ['0 7 * 13 *', 'month: `13` is not from 1 to 12'], ['0 7 * ja *', 'month: `ja` is not from 1 to 12'], ['0 7 * * 8', 'day of week: `8` is not from 0 to 7'],
  ['60 0 7 * * *', 'second: `60` is not from 0 to 59'], ['0 9-5 * * *', 'hour: `9-5` runs backwards'], ['*/0 * * * *', 'minute: `*/0` has no step'], ['0 7 L * *', 'day of month: `L` is not from 1 to 31'], ['0 7 * * 1#2', 'day of week: `1#2` cannot be read'],
])('the calendar %s: %s', ([text, wrong]) => {
  expect(checkCron(text)).toBe(wrong)
})
