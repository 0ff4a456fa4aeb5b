import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { aStepEvent } from './fake-alerts.ts'
import { startFakeHub, type FakeHub } from './fake-hub.ts'
import { runLine } from './run-line.ts'

let hub: FakeHub
beforeAll(async () => void (hub = await startFakeHub()))
afterAll(() => hub[Symbol.asyncDispose]())
beforeEach(() => void Object.assign(hub, { streams: [], asked: Object.assign(hub.asked, { length: 0 }) }))
const asked = () => hub.asked.map(({ method, path, body }) => `${method} ${path}${body === '' ? '' : ` ${body}`}`)

describe('hps alerts', () => {
  test('lists what is open, the worst first; what a node said cannot move the cursor', async () => {
    const { code, out } = await runLine('alerts', { hub })
    expect(code).toBe(0)
    expect(out.split('\n')[1]).toMatch(/^14 {2}critical {2}firing +2026-11-22T03:00:00.000Z +3 {2}tch-001 {2}storage.raid-degraded +- +- +RAID md0 on tch-001: sdb failed \\x1b\[2J$/)
    expect(hub.asked[0]!.parameters).toEqual({ state: 'pending,firing,acknowledged', order: 'worst', limit: '200' })
  })

  test('more than a page is fetched, and no more than is asked for', async () => {
    const { out, talk } = await runLine('alerts -n 2 --rule disk.* --rule net.link --severity critical --since 24h --newest --all', { hub })
    expect(out.trimEnd().split('\n')).toHaveLength(3)
    expect(talk).toContain('there are more')
    expect(hub.asked.map(({ parameters }) => parameters)).toEqual([{ severity: 'critical', rule: 'disk.*,net.link', since: '24h', order: 'newest', limit: '2' }])
  })

  test('where nothing fires it says since when, and that nothing was found', async () => {
    expect(await runLine('alerts --node calm', { hub })).toEqual({ code: 1, out: '', talk: '-- No alerts; nothing fires since 2026-11-20T00:00:00.000Z --\n' })
  })

  test('shows the history with reasons, what mutes it, and who was told', async () => {
    const { out } = await runLine('alerts show 12', { hub })
    for (const part of ['CRITICAL RAID md0', 'there is no such rule any more', 'array:', 'md0\\x1b[2J', 'silenced: silence 4 by anna', 'firing → acknowledged by anna: somebody looks after it (disk ordered \\x1b[2J)', '#5 retry storage by mail, firing, 2 tries: 450 later', 'http://hub:8080/#/alert/12']) expect(out).toContain(part)
    expect(out).not.toContain('\u001b')
  })

  test.each([
    ['alerts ack 12 --note ordered --owner anna', 'POST /alerts/12/acknowledge {"note":"ordered","owner":"anna"}'],
    ['alerts unack #12 --if-state acknowledged', 'POST /alerts/12/unacknowledge {"state":"acknowledged"}'],
    ['alerts close 12', 'POST /alerts/12/close {}'],
    ['alerts silence end 4', 'DELETE /alert-silences/4'],
  ])('%s asks %s', async (line, expected) => {
    expect((await runLine(line, { hub })).code).toBe(0)
    expect(asked()).toEqual([expected])
  })

  test('who is at the keyboard is told, since several share the token', async () => {
    await runLine('alerts ack 12', { hub, env: { USER: 'root', SUDO_USER: 'bert' } })
    expect(asked()).toEqual(['POST /alerts/12/acknowledge {"owner":"bert"}'])
  })

  test('one that is over does not keep the others from being acknowledged', async () => {
    const { code, talk } = await runLine('alerts ack 99 12', { hub })
    expect([code, talk]).toEqual([1, 'hps: The alert 99 is over already (request r-2)\nalert 12 is looked after: RAID md0 on tch-001: sdb failed \\x1b[2J\n'])
    expect((await runLine('alerts ack twelve', { hub })).code).toBe(2)
  })

  test('follows the steps that are asked for, and says what it skipped', async () => {
    hub.streams = [`${aStepEvent(41)}${aStepEvent(42, { severity: 'info' })}event: skipped\ndata: {"fromId":43,"toId":99,"count":57}\n\n`, `${aStepEvent(100, { id: 15 })}`, '']
    const ended = new AbortController()
    const { out, talk } = await runLine('alerts tail --severity critical --rule storage.*', { hub, signal: ended.signal, onOut: (all) => void (all.includes('#15') && ended.abort()) })
    expect(out.trimEnd().split('\n').map((line) => /#\d+ \w+ \w+/.exec(line)?.[0])).toEqual(['#12 critical firing', '#15 critical firing'])
    expect(out).toContain('(silenced) storage.raid-degraded: RAID md0 on tch-001: sdb failed \\x1b[2J – the condition of the rule holds')
    expect(talk).toContain('skipped 57 steps')
    expect(hub.asked.map(({ lastEventId }) => lastEventId)).toEqual([undefined, '99'])
  })
})

describe('hps alerts silence', () => {
  test('lists what is in force; with --all what is over, too', async () => {
    expect((await runLine('alerts silence', { hub })).out.trimEnd().split('\n')).toHaveLength(2)
    expect((await runLine('alerts silence list --all', { hub })).out.trimEnd().split('\n')).toHaveLength(3)
  })

  test('adds one and says what it covers', async () => {
    const { code, talk } = await runLine('alerts silence add rule=storage.raid-degraded node~tch-* --for 2h --reason new_disk --owner anna', { hub })
    expect([code, talk]).toEqual([0, 'silence 4 of rule=storage.raid-degraded until 2026-11-22T05:00:00.000Z; it covers 1 open alert\n'])
    expect(JSON.parse(hub.asked[0]!.body)).toEqual({ matchers: ['rule=storage.raid-degraded', 'node~tch-*'], for: '2h', reason: 'new disk', owner: 'anna' })
  })

  test('shows beforehand what it would cover', async () => {
    const { out, talk } = await runLine('alerts silence preview rule~storage.*', { hub })
    expect(out.trimEnd().split('\n')).toHaveLength(2)
    expect(talk).toBe('-- it would cover 2 open alerts, of which 1 are shown --\n')
  })

  test.each(['alerts silence add rule --for 2h --reason x', 'alerts silence add rule=a --reason x', 'alerts silence add rule=a --for 2h --until 2027-01-01T00:00:00Z --reason x', 'alerts silence add rule=a --for 2h', 'alerts silence preview node~tch'])('%s is refused before the hub is asked', async (line) => {
    expect((await runLine(line, { hub })).code).toBe(2)
    expect(hub.asked).toEqual([])
  })
})
