import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { stampText } from '../../../src/cli/bundle/contents.ts'
import { PROGRAM_ROOT } from '../../../src/cli/root.ts'

const ARCH = process.arch
const NODE = `node_modules/node-linux-${ARCH}/bin/node`
/** Prints what it was started with; the tests' stand-in for Node. As vitest it leaves the result file that `VITEST_RESULT` holds. */
const FAKE_NODE = `#!/bin/sh
case "$1" in
  --version) echo v26.0.0; exit 0 ;;
  -p) echo 26; exit 0 ;;
  -e) exec "$REAL_NODE" "$@" ;;
  node_modules/.bin/*) echo "$1"; exit "\${STEP_CODE:-0}" ;;
  */vitest.mjs) for arg in "$@"; do case $arg in --outputFile.json=*) printf '%s' "$VITEST_RESULT" >"\${arg#*=}" ;; esac; done; exit "\${VITEST_CODE:-0}" ;;
esac
printf '%s|' "$PWD" "$0" "$@"; echo
`
/** Does what \`npm ci\` does to the folder, and writes down how it was called. */
const FAKE_NPM = `#!/bin/sh
echo "$@" >>"$NPM_LOG"
[ -n "\${NPM_FAILS:-}" ] && { echo 'npm error network' >&2; exit 1; }
sleep "\${NPM_SECONDS:-0}"
rm -rf node_modules; mkdir -p node_modules/node-linux-${ARCH}/bin
case "$*" in *include=dev*) mkdir -p node_modules/vitest ;; esac
cp "$FAKE_NODE" ${NODE}; chmod 755 ${NODE}
: >node_modules/.package-lock.json
`

interface Checkout {
  readonly root: string
  readonly env: Readonly<Record<string, string>>
  calls(): string[]
}

/** A checkout without packages, and a machine whose npm and node are the fakes above. */
function makeCheckout({ systemNode = FAKE_NODE }: { readonly systemNode?: string } = {}): Checkout {
  const root = mkdtempSync(join(tmpdir(), 'hps-launcher-'))
  const bin = join(root, 'bin')
  mkdirSync(bin)
  const script = (name: string, text: string): string => {
    writeFileSync(join(bin, name), text)
    chmodSync(join(bin, name), 0o755)
    return join(bin, name)
  }
  copyFileSync(join(PROGRAM_ROOT, 'hps'), join(root, 'hps'))
  writeFileSync(join(root, 'package-lock.json'), '{}')
  script('npm', FAKE_NPM)
  script('node', systemNode)
  const log = join(root, 'npm.calls')
  const env = { PATH: `${bin}:/usr/bin:/bin`, NPM_LOG: log, FAKE_NODE: script('fake-node', FAKE_NODE), REAL_NODE: process.execPath }
  return { root, env, calls: () => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []) }
}

function run({ root, env }: Checkout, args: readonly string[], { cwd = root, more = {}, command = join(root, 'hps') }: { readonly cwd?: string; readonly more?: Readonly<Record<string, string>>; readonly command?: string } = {}) {
  const { status, stdout, stderr } = spawnSync('sh', [command, ...args], { cwd, env: { ...env, ...more }, encoding: 'utf8' })
  return { status, stdout, stderr }
}
/** What Node is told before the program. */
const beforeProgram = (root: string): string => `--max-semi-space-size=2|--require|${root}/src/stripped.cjs`
const CI = 'ci --ignore-scripts --omit=dev --no-audit --no-fund --loglevel=error'
const CI_TEST = CI.replace('omit', 'include')

test('the first start installs locked production packages without their scripts, says so, and runs the packaged Node', () => {
  const checkout = makeCheckout()
  const { root } = checkout
  const { status, stdout, stderr } = run(checkout, ['logs', 'a b', '*'])
  expect([status, stdout]).toEqual([0, `${root}|${root}/${NODE}|${beforeProgram(root)}|${root}/src/main.ts|logs|a b|*|\n`])
  expect(stderr).toBe(`hps: installing the packages of ${root}/package-lock.json (once; about a minute)\nhps: installed\n`)
  expect(checkout.calls()).toEqual([CI])
  expect(readdirSync(root).sort()).toEqual(['bin', 'hps', 'node_modules', 'npm.calls', 'package-lock.json'])
})

test('the second start installs nothing and says nothing', () => {
  const checkout = makeCheckout()
  run(checkout, ['version'])
  expect(run(checkout, ['version']).stderr).toBe('')
  expect(checkout.calls()).toEqual([CI])
})

test('the stamp is the one that a bundle carries', () => {
  const checkout = makeCheckout()
  run(checkout, ['version'])
  expect(readFileSync(join(checkout.root, 'node_modules/.hps-installed'), 'utf8')).toBe(stampText(checkout.root))
})

test('a changed lock file is installed anew, and keeps the packages for tests if they were there', () => {
  const checkout = makeCheckout()
  run(checkout, ['test'])
  writeFileSync(join(checkout.root, 'package-lock.json'), '{"other":1}')
  run(checkout, ['version'])
  run(checkout, ['version'])
  expect(checkout.calls()).toEqual([CI_TEST, CI_TEST])
})

test('serve after test needs nothing more; test after serve needs the rest', () => {
  const checkout = makeCheckout()
  run(checkout, ['version'])
  run(checkout, ['test'])
  run(checkout, ['version'])
  expect(checkout.calls()).toEqual([CI, CI_TEST])
})

test('what somebody installed with npm itself after the lock file changed is taken as it is', () => {
  const checkout = makeCheckout()
  mkdirSync(join(checkout.root, 'node_modules/vitest'), { recursive: true })
  mkdirSync(join(checkout.root, `node_modules/node-linux-${ARCH}/bin`), { recursive: true })
  writeFileSync(join(checkout.root, NODE), FAKE_NODE, { mode: 0o755 })
  writeFileSync(join(checkout.root, 'node_modules/.package-lock.json'), '')
  utimesSync(join(checkout.root, 'package-lock.json'), 1, 1)
  run(checkout, ['version'])
  run(checkout, ['test'])
  expect(checkout.calls()).toEqual([])
})

test('it runs from any folder and through symbolic links, and leaves the working directory as it is', () => {
  const checkout = makeCheckout()
  const elsewhere = mkdtempSync(join(tmpdir(), 'hps-cwd-'))
  mkdirSync(join(elsewhere, 'links'))
  symlinkSync(join(checkout.root, 'hps'), join(elsewhere, 'absolute'))
  symlinkSync('../absolute', join(elsewhere, 'links/hps'))
  expect(run(checkout, ['version'], { cwd: elsewhere, command: join(elsewhere, 'links/hps') }).stdout).toBe(`${elsewhere}|${checkout.root}/${NODE}|${beforeProgram(checkout.root)}|${checkout.root}/src/main.ts|version|\n`)
  expect(run(checkout, ['version'], { cwd: join(elsewhere, 'links'), command: './hps' }).stdout).toContain(`|${checkout.root}/src/main.ts|`)
})

test('an installation that fails shows why, leaves no lock and no stamp, and is tried again', () => {
  const checkout = makeCheckout()
  const { status, stderr } = run(checkout, ['version'], { more: { NPM_FAILS: '1' } })
  expect(status).toBe(1)
  expect(stderr).toContain('npm error network\nhps: npm ci failed, see above')
  expect(existsSync(join(checkout.root, '.hps-install.lock'))).toBe(false)
  expect(run(checkout, ['version']).status).toBe(0)
})

test('of two at once one installs and the other waits for it', async () => {
  const checkout = makeCheckout()
  const start = () => {
    const child = spawn('sh', [join(checkout.root, 'hps'), 'version'], { env: { ...checkout.env, NPM_SECONDS: '0.5' }, stdio: ['ignore', 'ignore', 'ignore'] })
    return new Promise<number | null>((resolve) => child.on('exit', resolve))
  }
  expect(await Promise.all([start(), start()])).toEqual([0, 0])
  expect(checkout.calls()).toEqual([CI])
})

test('the lock of a process that is gone is taken over', () => {
  const checkout = makeCheckout()
  mkdirSync(join(checkout.root, '.hps-install.lock'))
  const gone = spawnSync('true').pid
  writeFileSync(join(checkout.root, '.hps-install.lock/pid'), String(gone))
  expect(run(checkout, ['version'])).toMatchObject({ status: 0, stderr: expect.stringContaining(`the installation of process ${gone} was broken off`) })
})

test('without npm it says what to do', () => {
  const checkout = makeCheckout()
  rmSync(join(checkout.root, 'bin/npm'))
  const bin = join(checkout.root, 'bin')
  for (const name of ['uname', 'dirname', 'cut', 'sha256sum', 'cat', 'mkdir', 'rm', 'find', 'sh', 'readlink']) symlinkSync(spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim(), join(bin, name))
  expect(run(checkout, ['version'], { more: { PATH: bin } })).toMatchObject({ status: 1, stderr: expect.stringContaining('npm is missing. Install Node 18 or newer with npm, or use a bundle') })
})

test.for<readonly [string, string, number, string]>([
  ['26', FAKE_NODE, 0, '/bin/node|'], ['20', '#!/bin/sh\necho 20\n', 1, 'is version 20: install Node 26 or newer'],
])('where the packaged Node does not run, the system’s of version %s: code %i', ([, systemNode, code, expected]) => {
  const checkout = makeCheckout({ systemNode })
  run(checkout, ['version'])
  writeFileSync(join(checkout.root, NODE), '#!/nowhere/ld-linux\n', { mode: 0o755 })
  const { status, stdout, stderr } = run(checkout, ['version'])
  expect(status).toBe(code)
  expect(stdout + stderr).toContain(expected)
})

test.for<readonly [string, Readonly<Record<string, string>>, string, number]>([
  ['all is well', {}, '9 passed, 0 failed', 0],
  ['a test fails', { VITEST_RESULT: '{"numPassedTests":6,"numFailedTests":1,"testResults":[]}', VITEST_CODE: '1' }, '8 passed, 1 failed', 1],
  ['a test file cannot be loaded', { VITEST_RESULT: '{"numPassedTests":7,"numFailedTests":0,"testResults":[{"status":"failed","assertionResults":[]}]}', VITEST_CODE: '1' }, '9 passed, 1 failed', 1],
  ['the runner fails without a failed test', { VITEST_CODE: '1' }, '9 passed, 1 failed', 1],
  ['the runner leaves no result', { VITEST_RESULT: '', VITEST_CODE: '1' }, '2 passed, 1 failed', 1],
  ['types and lint fail', { STEP_CODE: '2' }, '7 passed, 2 failed', 1],
])('hps test: %s', ([, more, summary, code]) => {
  const checkout = makeCheckout()
  const { status, stdout } = run(checkout, ['test'], { more: { VITEST_RESULT: '{"numPassedTests":7,"numFailedTests":0,"testResults":[]}', ...more } })
  expect([stdout.trim().split('\n').at(-1), status]).toEqual([summary, code])
})
