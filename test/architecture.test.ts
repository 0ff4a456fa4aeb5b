import { execFileSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { FENCES, findViolations, importsOf, LAYERS, MAX_LINES, type Violation } from './support/architecture.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const show = ({ file, rule, detail }: Violation): string => `${file}: ${rule} ${detail}`

/** All sources, also the ones not yet committed. */
function readSources(): Map<string, string> {
  const paths = globSync('src/**/*.ts', { cwd: root })
  return new Map(paths.map((path) => [path.replaceAll('\\', '/').slice('src/'.length), readFileSync(`${root}/${path}`, 'utf8')]))
}

test('every import goes down the layers, through a front door, with each vendor in its room, without cycles, in files that fit', () => {
  expect(findViolations(readSources()).map(show)).toEqual([])
})

test('the check reads at least every source that git knows', () => {
  const listed = execFileSync('git', ['ls-files', 'src/*.ts'], { cwd: root, encoding: 'utf8' }).split('\n').filter(Boolean)
  const read = new Set([...readSources().keys()].map((path) => `src/${path}`))
  expect(listed.length).toBeGreaterThan(30)
  expect(listed.filter((path) => !read.has(path))).toEqual([])
})

test('the regular expression finds as many imports as there are lines that import something', () => {
  const missed: string[] = []
  for (const [file, text] of readSources()) {
    const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/`(?:\\.|[^`\\])*`/g, '``')
    const lines = code.split('\n').filter((line) => /^\s*(?:import\s|\}\s*from\s|export\s.*\sfrom\s)/.test(line) && /['"]/.test(line)).length
    if (importsOf(code).length < lines) missed.push(`${file}: ${importsOf(code).length} of ${lines}`)
  }
  expect(missed).toEqual([])
})

test('every folder of src is in the layer table', () => {
  const folders = new Set([...readSources().keys()].map((path) => path.split('/')[0]!))
  const known: readonly string[] = LAYERS.flat()
  expect([...folders].filter((folder) => !known.includes(folder))).toEqual([])
})

test('every fenced package is one that the product depends on, or a builtin', () => {
  const { dependencies } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8')) as { dependencies: Record<string, string> }
  const known = Object.keys(dependencies)
  expect(Object.keys(FENCES).filter((name) => !name.startsWith('node:') && !name.endsWith('/*') && !known.includes(name))).toEqual([])
})

test('seeded violations are all found, and nothing else is', () => {
  const files = new Map<string, string>()
  const expected: string[] = []
  const text = readFileSync(`${root}/test/support/architecture-violations.txt`, 'utf8')
  for (const section of text.split(/^=== /m).slice(1)) {
    const [file, ...lines] = section.trimEnd().split('\n')
    files.set(file!, `${lines.filter((line) => !line.startsWith('expect ')).join('\n')}\n`)
    for (const line of lines) if (line.startsWith('expect ')) expected.push(`${file}: ${line.slice('expect '.length)}`)
  }
  files.set('web/bad-long.ts', 'export {}\n'.repeat(MAX_LINES + 1))
  expected.push(`web/bad-long.ts: length ${MAX_LINES + 1} lines`)
  expect(findViolations(files).map(show).sort()).toEqual(expected.sort())
})
