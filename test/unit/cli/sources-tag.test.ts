import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readCounted } from '../../../src/cli/tags/read-counted.ts'
import { startFakeHub, type FakeHub } from './fake-hub.ts'
import { runLine, type Outcome } from './run-line.ts'

const CONFIG = '# of this hub\nsyslog:\n  max_frame: 8KiB # small\nhttp: { port: 8081 }\n'
const counted = (...messages: readonly string[]): string => messages.map((message) => `${Buffer.byteLength(message)} ${message}`).join('')
const STORED = [...Array.from({ length: 12 }, (_, i) => `<38>User u${i} logged in\n`), '<38>LINK port 3 up', '<38>no, thanks']

interface Ground { readonly hub: FakeHub; readonly file: string; readonly folder: string; run(line: string): Promise<Outcome> }
async function ground(config: string | undefined = CONFIG): Promise<Ground> {
  const folder = mkdtempSync(join(tmpdir(), 'hps-tag-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'hub.yaml')
  writeFileSync(file, config)
  const hub = await startFakeHub()
  onTestFinished(() => hub[Symbol.asyncDispose]())
  hub.exported = { text: counted(...STORED), isBroken: false }
  return { hub, file, folder, run: (line) => runLine(`sources tag ${line} --config ${file}`, { hub }) }
}

test('a mapping is tried on what is stored, and the lines for the configuration are printed', async () => {
  const { hub, run, file } = await ground()
  const { out, code, talk } = await run('10.0.0.7 --starts User --app web-ui')
  expect(out).toBe(`tried on 14 untagged messages of 10.0.0.7: 12 would get a tag, 2 would stay without

      12  before  - -: User u0 logged in
          after   - web-ui: User u0 logged in

without a tag would stay:
       1  - -: LINK port 3 up
       1  - -: no, thanks

for the configuration:

  syslog:
    tags:
      - from: 10.0.0.7
        starts: User
        app: web-ui
`)
  expect([code, talk]).toEqual([0, ''])
  expect(hub.asked[0]!.parameters).toEqual({ q: 'fault:no-app source:"10.0.0.7" since:7d', form: 'raw', framing: 'octet-counting', order: 'newest' })
  expect(readFileSync(file, 'utf8')).toBe(CONFIG)
})

test('no more than the newest 10,000 are tried, and that is said', async () => {
  const { hub, run } = await ground()
  hub.exported = { text: counted(...Array.from({ length: 10_500 }, () => '<38>x')), isBroken: true }
  const { out, code } = await run('10.0.0.7 --app web-ui')
  expect(out).toMatch(/^tried on the newest 10000 \(there may be more\) untagged messages of 10\.0\.0\.7: 10000 would get a tag, 0 /)
  expect(code).toBe(0)
})

test('the words of a mapping, and what it cannot name', async () => {
  const { run } = await ground()
  const { out } = await run('10.0.0.7 --app-word 1 --host-word 2 -o json')
  expect(JSON.parse(out)).toMatchObject({ tried: 14, matched: 14, unfit: 0, taken_before: 0, entry: { from: '10.0.0.7', app_word: 1, host_word: 2 }, mapped: [{ count: 12, before: { app: '', text: 'User u0 logged in' }, after: { host: 'u0', app: 'User', text: 'logged in' } }, {}, {}] })
  expect((await run('10.0.0.7 --app-word 4')).out).toContain('13 would get a tag, 1 would stay without\n1 match, but the word is missing or is no name\n')
})

test('written, it is the last of the list, comments stay, and what was there is beside it', async () => {
  const { run, file, folder } = await ground()
  chmodSync(file, 0o640)
  const { talk, code } = await run('10.0.0.7 --starts User --app web-ui --write')
  await run('10.0.0.7 --starts LINK --app-word 1 --write')
  expect(code).toBe(0)
  expect(talk).toContain(`added to ${file}; what was there is in ${file}.bak\nthe hub reads it at SIGHUP`)
  expect(readFileSync(file, 'utf8')).toBe('# of this hub\nsyslog:\n  max_frame: 8KiB # small\n  tags:\n    - from: 10.0.0.7\n      starts: User\n      app: web-ui\n    - from: 10.0.0.7\n      starts: LINK\n      app_word: 1\nhttp: { port: 8081 }\n')
  expect(readFileSync(`${file}.bak`, 'utf8')).not.toContain('LINK')
  expect(statSync(file).mode & 0o777).toBe(0o640)
  expect(readdirSync(folder).sort()).toEqual(['hub.yaml', 'hub.yaml.bak'])
})

test('a link to the configuration stays one', async () => {
  const { run, file, folder, hub } = await ground()
  const link = join(folder, 'link.yaml')
  symlinkSync(file, link)
  expect((await runLine(`sources tag 10.0.0.7 --app a --write --config ${link}`, { hub })).code).toBe(0)
  expect(readFileSync(file, 'utf8')).toContain('app: a')
  expect(readFileSync(link, 'utf8')).toContain('app: a')
  expect((await run('10.0.0.7 --app a')).talk).toContain('It would change no stored message')
})

test('entries that are there come first: what they take is said', async () => {
  const { run } = await ground('syslog:\n  tags: [{ starts: User, app: first }]\n')
  expect((await run('10.0.0.7 --app second')).out).toContain('2 would get a tag, 0 would stay without\n12 would get one by entries that syslog.tags has already')
})

test('what would change nothing is not written', async () => {
  const { run, file } = await ground()
  const { talk, code } = await run('10.0.0.7 --starts nobody --app a --write')
  expect([code, talk]).toEqual([1, '-- It would change no stored message: nothing is written --\n'])
  expect(readFileSync(file, 'utf8')).toBe(CONFIG)
})

test.for<[line: string, said: string]>([
  ['sw-1 --app a', 'sw-1 is not an address'],
  ['10.0.0.7', 'must have either app or app-word'],
  ['10.0.0.7 --app a --app-word 1', 'must have either app or app-word'],
  ['10.0.0.7 --app hps-session', 'a mapping cannot speak'],
  ['10.0.0.7 --app a_b', 'printable ASCII'],
  ['10.0.0.7 --app-word 0', 'Words are counted from 1'],
])('%s is refused', async ([line, said]) => {
  const { run, hub } = await ground()
  const { code, talk } = await run(line)
  expect([code, hub.asked]).toEqual([2, []])
  expect(talk).toContain(said)
})

test('a configuration with a fault is told, and nothing is tried', async () => {
  const { run, hub } = await ground('syslog: { max_frame: big }\n')
  const { code, talk } = await run('10.0.0.7 --app a --write')
  expect([code, hub.asked]).toEqual([2, []])
  expect(talk).toContain('the configuration has faults: ')
})

test('where the list is no list, nothing is written', async () => {
  const { run, file } = await ground('syslog:\n')
  expect((await run('10.0.0.7 --app a --write')).code).toBe(0)
  expect(readFileSync(file, 'utf8')).toBe('syslog:\n  tags:\n    - from: 10.0.0.7\n      app: a\n')
  expect(existsSync(`${file}.new`)).toBe(false)
})

test('a stream of counted messages is the same however it is cut, and one that is none is refused', async () => {
  const stream = Buffer.from(counted('', 'a b', 'x'.repeat(300), '12 7'))
  for (const size of [1, 2, 3, 7, 100, 1000]) {
    async function* cut() {
      for (let at = 0; at < stream.length; at += size) yield stream.subarray(at, at + size)
    }
    const messages: string[] = []
    for await (const message of readCounted(cut())) messages.push(message.toString())
    expect(messages).toEqual(['', 'a b', 'x'.repeat(300), '12 7'])
  }
  async function* html() {
    yield Buffer.from('<html>nothing here')
  }
  await expect(Array.fromAsync(readCounted(html()))).rejects.toThrow('something else than counted messages')
})
