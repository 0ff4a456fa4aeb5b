import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { PROGRAM_ROOT } from '../../../src/cli/root.ts'
import { aMessage, startFakeHub, TOKEN } from './fake-hub.ts'

/** The real process, on the Node that runs this test. */
function start(args: readonly string[], env: Readonly<Record<string, string>>) {
  return spawn(process.execPath, [`${PROGRAM_ROOT}/src/main.ts`, ...args], { env: { PATH: process.env['PATH']!, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
}

test('a reader that closes its pipe ends the command quietly', async () => {
  await using hub = await startFakeHub()
  hub.messages = Array.from({ length: 5_000 }, (_, index) => aMessage({ seq: index + 1, text: 'x'.repeat(500) }))
  const child = start(['logs', '-n', 'all'], { HPS_URL: hub.url, HPS_TOKEN: TOKEN })
  const talk = text(child.stderr)
  await once(child.stdout, 'data')
  child.stdout.destroy()
  const [code] = (await once(child, 'exit')) as [number | null]
  expect([code, await talk]).toEqual([0, ''])
})

test('Ctrl-C ends a tail quietly', async () => {
  await using hub = await startFakeHub()
  hub.messages = [aMessage()]
  const child = start(['tail'], { HPS_URL: hub.url, HPS_TOKEN: TOKEN })
  const talk = text(child.stderr)
  await once(child.stdout, 'data')
  child.kill('SIGINT')
  const [code] = (await once(child, 'exit')) as [number | null]
  expect([code, await talk]).toEqual([0, ''])
})

test('exit codes reach the shell', async () => {
  const child = start(['check'], { HPS_HTTP_PORT: 'x' })
  const [talk, [code]] = await Promise.all([text(child.stderr), once(child, 'exit') as Promise<[number]>])
  expect([code, talk]).toEqual([2, '$HPS_HTTP_PORT:1:1: http.port must be a whole number from 0 to 65535, not "x"\n1 fault in the configuration\n'])
})
