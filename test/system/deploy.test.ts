import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { run } from '../support/child.ts'
import { ROOT } from '../support/hub.ts'

/** What stands in deploy/ is read by the programs it is written for. */
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')

interface Compose {
  readonly services: Readonly<Record<string, { readonly network_mode?: string; readonly image?: string; readonly volumes?: readonly string[]; readonly depends_on?: readonly string[]; readonly command?: readonly string[] }>>
  readonly volumes: Readonly<Record<string, unknown>>
}
const compose = parse(read('docker-compose.yml')) as Compose

test('docker-compose has the hub and its neighbours, all on the network of the host', () => {
  expect(Object.keys(compose.services).sort()).toEqual(['chrony', 'dnsmasq', 'grafana', 'hub', 'prometheus', 'smtp'])
  for (const [name, service] of Object.entries(compose.services)) {
    expect(service.network_mode, name).toBe('host')
    expect(service.image, `${name}: an image with a version`).toMatch(/^[^:]+:[^:]*\d/)
  }
})

test('every file, volume and service that docker-compose names exists', () => {
  const missing: string[] = []
  const used = new Set<string>()
  for (const [name, { volumes = [], depends_on: dependsOn = [] }] of Object.entries(compose.services)) {
    for (const volume of volumes) {
      const source = volume.split(':')[0]!
      if (source.startsWith('.')) {
        if (!existsSync(join(ROOT, source))) missing.push(`${name}: ${source}`)
      } else if (source in compose.volumes) used.add(source)
      else missing.push(`${name}: volume ${source}`)
    }
    for (const other of dependsOn) if (!(other in compose.services)) missing.push(`${name}: service ${other}`)
  }
  expect(missing).toEqual([])
  expect(Object.keys(compose.volumes).filter((volume) => !used.has(volume))).toEqual([])
})

test('the shell commands of docker-compose are shell', async () => {
  const commands = Object.entries(compose.services).filter(([, { command }]) => command?.[0] === 'sh')
  expect(commands.length).toBeGreaterThan(0)
  for (const [name, { command }] of commands) {
    const { code, output } = await run('sh', ['-n', '-c', command![2]!.replaceAll('$$', '$')])
    expect({ name, code, output }).toEqual({ name, code: 0, output: '' })
  }
})

test('the configuration of the deployed hub has no fault', async () => {
  const { code, output } = await run(join(ROOT, 'hps'), ['check', '--config', join(ROOT, 'deploy/hub/hub.yaml')])
  expect({ code, output: code === 0 ? '' : output }).toEqual({ code: 0, output: '' })
})

test('dnsmasq reads its configuration', async () => {
  const { code, output } = await run('/usr/sbin/dnsmasq', ['--test', '-C', join(ROOT, 'deploy/dnsmasq/hps.conf')])
  expect({ code, output: output.trim() }).toEqual({ code: 0, output: 'dnsmasq: syntax check OK.' })
})

test('chrony reads its configuration', async () => {
  const { code, output } = await run('/usr/sbin/chronyd', ['-p', '-f', join(ROOT, 'deploy/chrony/chrony.conf')])
  expect({ code, output: code === 0 ? '' : output }).toEqual({ code: 0, output: '' })
})

test('systemd finds no fault in the unit, and rates what it may do as little', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hps-unit-'))
  const unit = join(folder, 'hps-hub.service')
  // The program is not installed on the machine that tests; everything else is the unit as shipped.
  writeFileSync(unit, read('deploy/systemd/hps-hub.service').replace('/opt/hps/hps', '/bin/true'))
  const verified = await run('systemd-analyze', ['verify', '--man=no', unit])
  expect({ code: verified.code, output: verified.output }).toEqual({ code: 0, output: '' })
  const security = await run('systemd-analyze', ['security', '--offline=true', '--threshold=30', unit])
  expect(security.code, security.output).toBe(0)
  rmSync(folder, { recursive: true })
})

test('every JSON and YAML file of deploy/ can be read', () => {
  const files = globSync('deploy/**/*.{json,yaml,yml}', { cwd: ROOT })
  expect(files.length).toBeGreaterThan(5)
  for (const file of files) expect(file.endsWith('.json') ? JSON.parse(read(file)) : parse(read(file)), file).toBeTypeOf('object')
})

/** Run by busybox in a test machine's initial RAM disk: its dialect, and variables that udhcpc gives. */
const BUSYBOX_SCRIPTS = /^test\/system\/netboot\/(?:init|udhcpc\.script)$/
test('shell scripts pass shellcheck: the launcher, the continuous integration and what runs on nodes', async () => {
  const listed = (await run('git', ['-C', ROOT, 'ls-files', '--cached', '--others', '--exclude-standard'])).stdout.split('\n').filter(Boolean)
  const scripts = listed.filter((path) => !BUSYBOX_SCRIPTS.test(path) && existsSync(join(ROOT, path)) && statSync(join(ROOT, path)).size < 1_000_000 && /^#!.*\b(?:ba)?sh\b/.test(read(path).slice(0, 60)))
  expect(scripts).toEqual(expect.arrayContaining(['.ci/run', 'hps']))
  // SC2209 takes the word `test` in an assignment for a forgotten command.
  const { code, output } = await run('shellcheck', ['--severity=warning', '--exclude=SC2209', ...scripts], { cwd: ROOT })
  expect({ code, output }).toEqual({ code: 0, output: '' })
})
