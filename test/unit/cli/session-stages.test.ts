import type { SessionDetail } from '#api/index.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { aSession, startFakeHub, type FakeHub } from './fake-hub.ts'
import { runLine } from './run-line.ts'

let hub: FakeHub
beforeAll(async () => void (hub = await startFakeHub()))
afterAll(() => hub[Symbol.asyncDispose]())

const detail = (stages: SessionDetail['stages']): SessionDetail => ({ ...aSession(), stages })
const two = detail([
  { stage: 'dhcp.discover', at: '2026-11-22T15:00:00.000Z', seq: 12, by: 'dhcp', since_boot_ms: 0 },
  { stage: 'decide', at: '2026-11-22T15:01:02.250Z', seq: null, by: 'decision', since_boot_ms: 62_250 },
])

test('a session is shown with its stages: when, how long after its start, by what, in which message', async () => {
  hub.sessions = [two]
  const { out, code } = await runLine('sessions show a1b2c3', { hub })
  expect(code).toBe(0)
  expect(hub.asked.at(-1)!.path).toBe('/sessions/a1b2c3')
  expect(out).toContain('session:      a1b2c3\n')
  expect(out.split('\n\n')[1]).toBe(
    'STAGE          SINCE START  AT                        BY        MESSAGE\n' +
    'dhcp.discover     +0.000 s  2026-11-22T15:00:00.000Z  dhcp           12\n' +
    'decide           +62.250 s  2026-11-22T15:01:02.250Z  decision        -\n')
})

test('the same as JSON is one line', async () => {
  hub.sessions = [two]
  expect(JSON.parse((await runLine('sessions show a1b2c3 -o json', { hub })).out)).toEqual(two)
})

test('one without stages says so, and what is no session is a mistake in the command', async () => {
  hub.sessions = [detail([])]
  expect((await runLine('sessions show a1b2c3', { hub })).out).toContain('\n\nno stage was seen\n')
  expect(await runLine('sessions show xyz', { hub })).toMatchObject({ code: 2, out: '' })
})
