import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { PROGRAM_ROOT } from '../../../src/cli/root.ts'

/** A program of two files, started as the launcher starts the hub. The folder's name has what a URL would read as something else. */
function makeProgram(): { readonly root: string; readonly kept: string; write(name: string, text: string): void; start(env?: Readonly<Record<string, string>>): string } {
  const root = mkdtempSync(join(tmpdir(), 'hps-stripped 100%23 '))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  mkdirSync(join(root, 'src/part'), { recursive: true })
  const write = (name: string, text: string): void => writeFileSync(join(root, name), text)
  write('package.json', '{"type":"module"}')
  for (const name of ['src/stripped.cjs', 'src/strip-sources.mjs']) copyFileSync(join(PROGRAM_ROOT, name), join(root, name))
  write('src/main.ts', `import { Worker, isMainThread } from 'node:worker_threads'\nimport { said } from './part/said.ts'\nconsole.log(said(isMainThread))\nif (isMainThread) new Worker(new URL(import.meta.url))\n`)
  write('src/part/said.ts', `export const said = (is: boolean): string => (is ? 'main' : 'worker')\n`)
  const start = (env: Readonly<Record<string, string>> = {}): string => {
    const { stdout, stderr } = spawnSync(process.execPath, ['--require', join(root, 'src/stripped.cjs'), join(root, 'src/main.ts')], { encoding: 'utf8', env: { ...process.env, ...env } })
    return stdout + stderr
  }
  return { root, kept: join(root, `node_modules/.cache/hps/stripped-${process.version}`), write, start }
}

test('sources are stripped once, for all threads, and what is kept is what runs', () => {
  const { kept, start } = makeProgram()
  expect(start()).toBe('main\nworker\n')
  const path = join(kept, 'part/said.ts')
  const text = readFileSync(path, 'utf8')
  expect(text).not.toContain('boolean')
  writeFileSync(path, text.replace("'worker'", "'Worker'"))
  expect(start()).toBe('main\nWorker\n')
})

test('a source that changed is stripped anew, also when its size is the same', () => {
  const { root, write, start } = makeProgram()
  start()
  write('src/part/said.ts', `export const said = (is: boolean): string => (is ? 'MAIN' : 'WORKER')\n`)
  utimesSync(join(root, 'src/part/said.ts'), 1, 1)
  expect(start()).toBe('MAIN\nWORKER\n')
})

test('where nothing can be kept, the program runs all the same', () => {
  const { kept, write, start } = makeProgram()
  write('node_modules', 'a file where the folder would be')
  expect(start()).toBe('main\nworker\n')
  expect(existsSync(kept)).toBe(false)
})

test('a service that may not write beside the packages keeps them where systemd says', () => {
  const { root, kept, start } = makeProgram()
  const cache = join(root, 'of the service')
  expect(start({ CACHE_DIRECTORY: cache })).toBe('main\nworker\n')
  expect([existsSync(kept), existsSync(join(cache, `stripped-${process.version}`, 'main.ts'))]).toEqual([false, true])
})

test('a fault is told with the line and the column of the source', () => {
  const { root, write, start } = makeProgram()
  write('src/part/said.ts', `interface Long { readonly of: string }\nexport const said = (is: boolean, long?: Long): string => { throw new Error(String(is)) }\n`)
  expect(start()).toContain(`${root.replaceAll('%', '%25').replaceAll(' ', '%20')}/src/part/said.ts:2:67`)
})
