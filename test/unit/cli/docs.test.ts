import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { PROGRAM_ROOT } from '../../../src/cli/root.ts'
import { runLine } from './run-line.ts'

const page = (name: string): string => readFileSync(`${PROGRAM_ROOT}/docs/reference/${name}.md`, 'utf8')

test.for(['configuration', 'commands', 'metrics', 'queues'])('docs/reference/%s.md is what `hps docs` prints', async (name) => {
  const { out, code } = await runLine(`docs ${name}`)
  expect(code).toBe(0)
  expect(page(name), `write it anew: ./hps docs ${name} > docs/reference/${name}.md`).toBe(out)
})

test('the page of commands has a section for each command that the help lists', async () => {
  const { out } = await runLine('--help')
  const listed = [...out.split('Commands:\n')[1]!.matchAll(/^ {2}([a-z]+)/gm)].map(([, name]) => name!).filter((name) => name !== 'help')
  expect(listed.length).toBeGreaterThan(12)
  expect(listed.filter((name) => !page('commands').includes(`## \`hps ${name}`))).toEqual([])
})
