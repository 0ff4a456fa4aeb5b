import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startFakeHub, type FakeHub } from './fake-hub.ts'
import { runLine } from './run-line.ts'

let hub: FakeHub
beforeAll(async () => void (hub = await startFakeHub()))
afterAll(() => hub[Symbol.asyncDispose]())
beforeEach(() => void (hub.asked.length = 0))
const asked = () => hub.asked.map(({ method, path, body }) => `${method} ${path}${body === '' ? '' : ` ${body}`}`)

describe('hps silence', () => {
  test('lists who is silent; what a node said cannot move the cursor', async () => {
    const { code, out } = await runLine('silence', { hub })
    const lines = out.trimEnd().split('\n')
    expect(code).toBe(0)
    expect(lines[1]).toMatch(/^tch-002 +2026-11-22T03:00:00.000Z +30s {2}stopped {2}tch-002 {2}os.ready {2}Kernel panic \\x1b\[2J$/)
    expect(lines[2]).toMatch(/^10\.0\.0\.9 by tcp +\S+ +- /)
    expect(lines[3]).toMatch(/^the hub hears nobody: 8 of 9 are silent /)
  })

  test('shows the rhythm and the last words, what tells of an end first', async () => {
    const { out } = await runLine('silence show tch-002', { hub })
    expect(out).toContain('silent since:              2026-11-22T03:00:00.000Z\n')
    expect(out).toContain('usually quiet for at most: 30s\n')
    expect(out.indexOf('Kernel panic')).toBeLessThan(out.indexOf('Last words'))
    expect(out).toContain('bye \\x1b[2J')
    expect(asked()).toEqual(['GET /silences/node/tch-002'])
  })

  test('of somebody who is new it says so', async () => {
    const { out } = await runLine('silence show young', { hub })
    expect(out).toContain('not known yet: 3 gaps over 1m1s')
    expect(out).toContain('Latest messages')
  })

  test.each([
    ['silence forget tch-002', 'DELETE /silences/node/tch-002'],
    ['silence forget --source 10.0.0.9', 'DELETE /silences/source/10.0.0.9'],
    ['silence show --source 10.0.0.9 -o json', 'GET /silences/source/10.0.0.9'],
    ['planned end 4', 'DELETE /planned/4'],
    ['planned add --node tch-002 --for 2h --why memory', 'POST /planned {"for":"2h","node":"tch-002","why":"memory"}'],
    ['planned add --all --for 1d --from 2026-11-22T22:00:00Z --why network', 'POST /planned {"for":"1d","all":true,"from":"2026-11-22T22:00:00Z","why":"network"}'],
  ])('%s asks %s', async (line, expected) => {
    expect((await runLine(line, { hub })).code).toBe(0)
    const [method, path, body] = asked()[0]!.split(/ (?=\/|\{)/)
    const [wantedMethod, wantedPath, wantedBody] = expected.split(/ (?=\/|\{)/)
    expect([method, path, body === undefined ? undefined : JSON.parse(body)]).toEqual([wantedMethod, wantedPath, wantedBody === undefined ? undefined : JSON.parse(wantedBody)])
  })
})

describe('hps planned', () => {
  test('lists what is planned and what was; with --now only what is under way', async () => {
    expect((await runLine('planned', { hub })).out.trimEnd().split('\n').map((line) => line.split(/ {2,}/).slice(0, 3).map((cell) => cell.trim()))).toEqual([['ID', 'ABOUT', 'STATE'].map((cell) => (cell === 'ID' ? 'ID' : cell)), ['4', 'tch-002', 'now'], ['3', '10.0.0.9', 'ended']])
    expect((await runLine('planned list --now', { hub })).out.trimEnd().split('\n')).toHaveLength(2)
  })

  test.each(['planned add --for 2h --why x', 'planned add --all --node a --for 2h --why x', 'planned add --all --for soon --why x', 'planned add --all --for 2h'])('%s is refused before the hub is asked', async (line) => {
    expect((await runLine(line, { hub })).code).toBe(2)
    expect(hub.asked).toEqual([])
  })
})
