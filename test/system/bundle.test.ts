import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ROOT } from '../support/hub.ts'

/** All that a cut-off machine has beside the bundle: no npm, no node, no tar but to unpack. */
const TOOLS = ['sh', 'uname', 'dirname', 'cut', 'sha256sum', 'cat', 'find', 'readlink', 'ip', 'sleep']

let folder: string
let unpacked: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hps-bundle-'))
  const archive = join(folder, 'hps.tar.gz')
  execFileSync(join(ROOT, 'hps'), ['bundle', '-o', archive], { stdio: ['ignore', 'pipe', 'inherit'] })
  execFileSync('tar', ['-xzf', archive, '-C', folder])
  unpacked = join(folder, readdirSync(folder).find((name) => name.startsWith('hps-'))!)
  mkdirSync(join(folder, 'bin'))
  for (const name of TOOLS) symlinkSync(execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim(), join(folder, 'bin', name))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** In a network namespace with nothing but its loopback. */
function runCutOff(script: string): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  const unshare = execFileSync('sh', ['-c', 'command -v unshare'], { encoding: 'utf8' }).trim()
  const { status, stdout, stderr } = spawnSync(unshare, ['-n', 'sh', '-c', `ip link set lo up\n${script}`], { cwd: unpacked, env: { PATH: join(folder, 'bin'), HOME: folder }, encoding: 'utf8', timeout: 120_000 })
  return { status, stdout, stderr }
}

test('an unpacked bundle starts on a machine without network, npm and Node, takes a message, and stops', () => {
  const { status, stdout, stderr } = runCutOff(`
    ./hps serve >serve.log 2>&1 &
    pid=$!
    n=0
    until ./hps logs 'app:hps-hub "Hub started"' >found.log 2>&1; do
      n=$((n + 1))
      [ $n -lt 60 ] || { cat serve.log found.log; exit 9; }
      sleep 0.5
    done
    ./hps nodes set tch-001 --mac 52:54:00:00:00:01 -o json
    ./hps nodes
    kill -TERM $pid
    wait $pid
    echo "stopped with $?"
  `)
  expect(status, stdout + stderr).toBe(0)
  expect(stdout).toContain('"name":"tch-001"')
  expect(stdout).toMatch(/^stopped with 0$/m)
  expect(stderr).toBe('')
})

test('it keeps its data in its own folder and installs nothing', () => {
  expect(readdirSync(unpacked)).toContain('data')
  expect(readdirSync(unpacked)).not.toContain('.hps-install.lock')
  expect(readdirSync(join(unpacked, 'node_modules')).filter((name) => name === 'vitest' || name === 'typescript')).toEqual([])
})

test('it carries the libraries that Node wants and a minimal system lacks, and falls back on them', () => {
  const libraries = join(unpacked, 'node_modules/.hps-libraries')
  expect(readdirSync(libraries)).toContain('libatomic.so.1')
  // a Node that runs only with them
  const node = join(unpacked, `node_modules/node-linux-${process.arch}/bin/node`)
  renameSync(node, `${node}.real`)
  writeFileSync(node, `#!/bin/sh\ncase \${LD_LIBRARY_PATH:-} in *hps-libraries*) exec "$0.real" "$@" ;; esac\necho 'error while loading shared libraries: libatomic.so.1' >&2\nexit 127\n`, { mode: 0o755 })
  expect(runCutOff('./hps version').status).toBe(0)
  renameSync(libraries, `${libraries}.away`)
  expect(runCutOff('./hps version').stderr).toContain('libatomic.so.1 (on Debian and Ubuntu: apt-get install libatomic1)')
  renameSync(`${libraries}.away`, libraries)
  renameSync(`${node}.real`, node)
})

test('without a network it still knows its faults', () => {
  const { status, stderr } = runCutOff('HPS_HTTP_PORT=x ./hps check')
  expect([status, stderr]).toEqual([2, '$HPS_HTTP_PORT:1:1: http.port must be a whole number from 0 to 65535, not "x"\n1 fault in the configuration\n'])
})
