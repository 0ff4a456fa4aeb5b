import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { suggestTag, tagCommand, type SuggestedTag } from '../../../src/cli/tags/suggest.ts'
import { aCount, aMessage, startFakeHub } from './fake-hub.ts'
import { runLine } from './run-line.ts'

const kind = (source: string, text: string, count: number) => ({ keys: [source, '00112233aabbccdd'], count, pattern: `${text} *`, example: aMessage({ text, source, app: '', received: '2026-11-22T14:00:00.000Z' }) })
const ANSWER = aCount({ total: 75, by: ['source', 'template'], groups: [kind('10.0.0.7', 'User bob logged in', 40), kind('10.0.0.8', 'LINK port 3 up', 20), kind('10.0.0.7', '12 it\u001b[2Js fan', 5)], distinct: 9, others: 10 })

test('what has no tag is shown by source and kind, with the command that gives it one', async () => {
  await using hub = await startFakeHub()
  hub.count = ANSWER
  const { out, talk, code } = await runLine('logs --untagged', { hub })
  expect(out).toBe(`10.0.0.7: 45 without a tag, 2 kinds
        40  User bob logged in
            last seen 2026-11-22T14:00:00.000Z
            hps sources tag 10.0.0.7 --starts 'User bob logged in' --app user
         5  12 it\\x1b[2Js fan
            last seen 2026-11-22T14:00:00.000Z
            hps sources tag 10.0.0.7 --contains fan --app fan
10.0.0.8: 20 without a tag, 1 kind
        20  LINK port 3 up
            last seen 2026-11-22T14:00:00.000Z
            hps sources tag 10.0.0.8 --app-word 1
`)
  expect([code, talk]).toEqual([0, '-- 3 of 9 kinds; 10 of 75 messages are of others --\n'])
  expect(hub.asked.map(({ path, parameters }) => [path, parameters])).toEqual([['/logs/count', { q: 'fault:no-app since:24h', by: 'source,template', limit: '100' }]])
})

test('words and options narrow it', async () => {
  await using hub = await startFakeHub()
  hub.count = ANSWER
  await runLine('logs --untagged port or fan -S 2h -n all', { hub })
  expect(hub.asked[0]!.parameters).toMatchObject({ q: '(fault:no-app (port or fan)) since:2h', limit: '200' })
})

test('as JSON each kind is a line', async () => {
  await using hub = await startFakeHub()
  hub.count = ANSWER
  expect(JSON.parse((await runLine('logs --untagged -o json', { hub })).out.split('\n')[2]!)).toEqual({
    source: '10.0.0.8', template: '00112233aabbccdd', count: 20, last_seen: '2026-11-22T14:00:00.000Z', pattern: 'LINK port 3 up *', sample: 'LINK port 3 up', command: 'hps sources tag 10.0.0.8 --app-word 1',
  })
})

test('nothing without a tag is told', async () => {
  await using hub = await startFakeHub()
  hub.count = aCount({ total: 0, groups: [], distinct: 0 })
  expect(await runLine('logs --untagged', { hub })).toEqual({ code: 1, out: '', talk: '-- No messages without a tag since 24h ago --\n' })
})

test.for<[sample: string, expected: SuggestedTag]>([
  ['User u17 logged in', { starts: 'User', app: 'user' }],
  ['LINK-3-UP port 3', { appWord: 1 }],
  ['wifid[77]: up', { appWord: 1 }],
  ['4711 temperature high', { contains: 'temperature high', app: 'temperature' }],
  ['a 1', { app: 'untagged' }],
  ['', { app: 'untagged' }],
  ['one sentence that goes on for much longer than anybody would type', { starts: 'one sentence that goes on for much', app: 'one' }],
  ['it\u001b]0;x', { app: 'untagged' }],
])('the step for %j', ([sample, expected]) => {
  expect(suggestTag(sample)).toEqual(expected)
})

test.for(["it's 'quoted' $(reboot) `x` \\ \"", '-starts like an option', 'plain'])('a shell takes %j as it is', (starts) => {
  const command = tagCommand('10.0.0.7', { starts, app: 'a' })
  const printed = execFileSync('/bin/sh', ['-c', command.replace(/^hps/, "printf '%s\\n'")], { encoding: 'utf8' })
  expect(printed.split('\n').slice(0, -1)).toEqual(['sources', 'tag', '10.0.0.7', '--starts', starts, '--app', 'a'])
})
