import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { run, until } from '../support/child.ts'
import { aHub, ROOT, untilFound } from '../support/hub.ts'
import { sendTcp } from '../support/senders.ts'

/** From "these carry no tag" to "now they do", as a person goes it. */
const HPS = join(ROOT, 'hps')

test('the command beside an untagged kind gives it a tag: tried, written, read anew, and the bytes stay what was sent', async () => {
  await using hub = await aHub()
  const hps = async (...args: readonly string[]): Promise<string> => {
    const done = await run(HPS, [...args, '--config', hub.configFile], { cwd: hub.folder })
    expect({ args, code: done.code, output: done.code === 0 ? '' : done.output }).toEqual({ args, code: 0, output: '' })
    return done.output
  }
  await sendTcp(hub.syslogPort, [Array.from({ length: 40 }, (_, i) => `<38>User number ${i} logged in\n`).join(''), '<38>cron: tagged\n'])
  await untilFound(hub, '"number 39"')
  const kinds = (await hps('logs', '--untagged', '-o', 'json')).trim().split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as { count: number; command: string })
  expect(kinds.map(({ count, command }) => [count, command])).toEqual([[40, "hps sources tag 127.0.0.1 --starts 'User number' --app user"]])
  const said = await hps('sources', 'tag', '127.0.0.1', '--starts', 'User number', '--app', 'user', '--write')
  expect(said).toContain('tried on 40 untagged messages of 127.0.0.1: 40 would get a tag, 0 would stay without')
  expect(readFileSync(hub.configFile, 'utf8')).toContain('starts: User number')
  hub.child.process.kill('SIGHUP')
  await untilFound(hub, 'app:hps-hub "certificates anew"')
  const sent = ['<38>User number 41 logged in', '<38>User number 42 logged in, o.k.']
  await sendTcp(hub.syslogPort, [`${sent[0]}\n${sent[1]!.length} ${sent[1]}`])
  await until('both are there', async () => (await hub.search('app:user')).length === 2)
  const [first, second] = await hub.searchAll('app:user')
  expect([first!.faults, second!.text]).toEqual([expect.arrayContaining(['mapped-app']), 'User number 42 logged in, o.k.'])
  const raw = await (await hub.get('/api/v1/logs/export?q=app:user&form=raw&framing=octet-counting')).text()
  expect(raw).toBe(sent.map((line) => `${line.length} ${line}`).join(''))
})
