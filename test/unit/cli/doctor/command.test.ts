import { expect, test } from 'vitest'
import { startFakeHub } from '../fake-hub.ts'
import { runLine } from '../run-line.ts'

async function absentUrl(): Promise<string> {
  const gone = await startFakeHub()
  await gone[Symbol.asyncDispose]()
  return gone.url
}

test('a hub that is down: FAIL, what mends it on the line below, a count, and code 1', async () => {
  const url = await absentUrl()
  const { out, code } = await runLine(`doctor --url ${url}`)
  expect(code).toBe(1)
  const lines = out.split('\n')
  expect(lines[0]).toMatch(new RegExp(`^FAIL  hub +the hub is not running at ${url}$`))
  expect(lines[1]).toMatch(/^ +mend: start it with \.\/hps serve/)
  expect(out).toMatch(/^OK {4}configuration +the configuration is good$/m)
  expect(out).toMatch(/\n\d+ FAIL, \d+ WARN, \d+ OK\n$/)
})

test('with -o json it is one check a line', async () => {
  const { out, code } = await runLine(`doctor -o json --url ${await absentUrl()}`)
  const checks = out.trimEnd().split('\n').map((line) => JSON.parse(line) as { readonly name: string; readonly verdict: string; readonly mend: string | null })
  expect(code).toBe(1)
  expect(checks[0]).toMatchObject({ name: 'hub', verdict: 'fail' })
  expect(checks.find(({ name }) => name === 'configuration')).toMatchObject({ verdict: 'ok', mend: null })
})
