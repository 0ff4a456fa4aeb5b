import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { LOSSES } from '#domain/loss.ts'
import type { LossesView } from '#api/index.ts'
import { aSession, noLosses, startFakeHub, type FakeHub } from './fake-hub.ts'
import { runLine } from './run-line.ts'

let hub: FakeHub
beforeAll(async () => void (hub = await startFakeHub()))
afterAll(() => hub[Symbol.asyncDispose]())
beforeEach(() => void Object.assign(hub, { losses: noLosses(), shed: [] }))

const AT = '2026-11-22T14:30:00.000Z'
const none = { lost: 0, shed: 0, dropped: 0, cut: 0, missing: 0, passed_over: 0, doubled: 0 }
const bad = (): LossesView => ({
  ...noLosses(), verdict: '45 messages were lost in the last 24h, 2 messages were cut.', lost: 45, shed: 5, dropped: 40, cut: 2,
  reasons: (['kernel-buffer', 'shed', 'cut'] as const).map((reason, i) => ({ reason, ...LOSSES[reason], count: [40, 5, 2][i]!, first: i === 0 ? '2026-11-22T14:00:00.000Z' : AT, last: AT })),
  groups: [
    { key: '0', name: 'unknown', ...none, lost: 40, dropped: 40, reasons: [], first: AT, last: AT, ever: { received: 40, stored: 0, lost: 40 } },
    { key: '1', name: '10.0.0.1 by udp \u001b[2J', ...none, lost: 5, shed: 5, cut: 2, reasons: [], first: AT, last: AT, ever: { received: 105, stored: 100, lost: 5 } },
  ],
  others: 3,
})

describe('hps loss', () => {
  test('says first that nothing was lost', async () => {
    expect(await runLine('loss', { hub })).toMatchObject({ code: 0, out: 'Nothing was lost in the last 24h.\n' })
    expect(hub.asked.at(-1)).toMatchObject({ path: '/losses', parameters: { by: 'source', since: '24h', limit: '20' } })
  })

  test('says what was lost, why, what mends it, and of whom; columns with nothing in them are left out', async () => {
    hub.losses = bad()
    const { out } = await runLine('loss', { hub })
    expect(out).toBe([
      '45 messages were lost in the last 24h, 2 messages were cut.', '',
      `40 kernel-buffer  2026-11-22T14:00:00.000Z to ${AT}`, `  ${LOSSES['kernel-buffer'].means}`, `  mend: ${LOSSES['kernel-buffer'].mend}`,
      `5 shed  ${AT}`, `  ${LOSSES.shed.means}`, `  mend: ${LOSSES.shed.mend}`,
      `2 cut  ${AT}`, `  ${LOSSES.cut.means}`, `  mend: ${LOSSES.cut.mend}`, '',
      'SOURCE                   LOST  SHED  DROPPED  CUT  EVER RECEIVED  EVER STORED  EVER LOST  LAST',
      `unknown                    40     0       40    0             40            0         40  ${AT}`,
      `10.0.0.1 by udp \\x1b[2J     5     5        0    2            105          100          5  ${AT}`,
      'and 3 more; all with -n 1000', '',
    ].join('\n'))
  })

  test('by reason it needs no table', async () => {
    hub.losses = bad()
    expect((await runLine('loss --by reason', { hub })).out).not.toContain('LAST')
  })

  test('as JSON it is one line', async () => {
    hub.losses = bad()
    expect(JSON.parse((await runLine('loss -o json', { hub })).out)).toEqual(bad())
  })

  test.for<[line: string, parameters: Readonly<Record<string, string>>]>([
    ['loss --since ever --by listener -n 5', { by: 'listener', limit: '5' }],
    ['loss --since 2h --source 10.0.0.7', { by: 'source', limit: '20', since: '2h', source: '10.0.0.7' }],
    ['loss -S 2026-11-22T10:00:00Z -U 2026-11-22T12:00:00Z --by hour', { by: 'hour', limit: '20', since: '2026-11-22T10:00:00.000Z', until: '2026-11-22T12:00:00.000Z' }],
  ])('%s', async ([line, parameters]) => {
    await runLine(line, { hub })
    expect(hub.asked.at(-1)).toMatchObject({ path: '/losses', parameters })
    expect(Object.keys(hub.asked.at(-1)!.parameters).toSorted()).toEqual(Object.keys(parameters).toSorted())
  })

  test.for(['loss --since noon', 'loss --by node', 'loss -n many'])('%s is a mistake in the command', async (line) => {
    expect(await runLine(line, { hub })).toMatchObject({ code: 2, out: '' })
  })
})

describe('hps loss shed', () => {
  test('is a table of examples, as long as a line', async () => {
    hub.shed = [
      { source_id: 1, source: '10.0.0.1', template: '00000001000000ff', severity: 'debug', count: 7, first: AT, last: AT, sample: `<15>${'x'.repeat(200)}` },
      { source_id: 0, source: 'unknown', template: null, severity: 'info', count: 2, first: AT, last: AT, sample: 'a \u001b[2J' },
    ]
    const rows = (await runLine('loss shed --source 10.0.0.1', { hub })).out.split('\n')
    expect(hub.asked.at(-1)).toMatchObject({ path: '/losses/shed', parameters: { limit: '20', source: '10.0.0.1' } })
    expect(rows[0]).toBe('COUNT  SOURCE    SEVERITY  LAST                      TEMPLATE          EXAMPLE')
    expect(rows[1]).toBe(`    7  10.0.0.1  debug     ${AT}  00000001000000ff  <15>${'x'.repeat(115)}…`)
    expect(rows[2]).toBe(`    2  unknown   info      ${AT}  others            a \\x1b[2J`)
  })

  test('nothing is code 1', async () => {
    expect(await runLine('loss shed', { hub })).toMatchObject({ code: 1, talk: '-- No shed messages --\n' })
  })
})

test('hps sessions show says every reason as a sentence', async () => {
  hub.sessions = [{ ...aSession({ completeness: { verdict: 'gaps', reasons: [{ reason: 'cut', count: 1, text: '1 message cut.' }, { reason: 'streams', count: 2, text: '2 messages came by TCP.' }] } }), stages: [] } as never]
  expect((await runLine('sessions show a1b2c3', { hub })).out).toContain('complete:     no: 1 message cut. 2 messages came by TCP.\n')
})
