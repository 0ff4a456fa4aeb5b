import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { ACK_KEY, LABEL } from '#domain/wire.ts'
import { sessionHash } from '#domain/session.ts'

const LIBRARY = fileURLToPath(new URL('../../../node/hps-log.sh', import.meta.url))
const BOOT_ID = '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0'

interface Machine extends Disposable {
  /** Runs the library as a program, with only the tools this machine has. */
  run(args: readonly string[], env?: Readonly<Record<string, string>>): { readonly code: number; readonly out: string; readonly err: string }
  /** Sources it and runs `script`. */
  source(script: string, env?: Readonly<Record<string, string>>): { readonly code: number; readonly out: string; readonly err: string }
  /** What the tools were called with, a line for each argument, calls apart by an empty line; what came on standard input last. */
  calls(): string
}

/** A small machine: chosen tools that write down how they were called, and a /proc of files. */
function aMachine(tools: Readonly<Record<string, string>>, cmdline = 'quiet hps.hub=http://10.0.0.1:8080/ hps.session=a1b2c3 hps.node=tch-001'): Machine {
  const folder = mkdtempSync(join(tmpdir(), 'hps-node-'))
  const [bin, proc, calls] = [join(folder, 'bin'), join(folder, 'proc'), join(folder, 'calls')]
  mkdirSync(bin)
  mkdirSync(join(proc, 'sys/kernel/random'), { recursive: true })
  for (const [file, text] of Object.entries({ cmdline: `${cmdline}\n`, uptime: '12.34 5.6\n', 'sys/kernel/random/boot_id': `${BOOT_ID}\n`, 'sys/kernel/random/uuid': 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee\n' })) writeFileSync(join(proc, file), text)
  for (const tool of ['sh', 'tr', 'sed', 'tail', 'cut', 'cat', 'grep', 'sha256sum', 'printf', 'hostname']) {
    const path = execFileSync('sh', ['-c', `command -v ${tool} || true`], { encoding: 'utf8' }).trim()
    if (path.startsWith('/')) writeFileSync(join(bin, tool), `#!/bin/sh\nexec ${path} "$@"\n`)
  }
  writeFileSync(join(bin, 'date'), '#!/bin/sh\ncase $1 in +%s) echo 1700000012 ;; *) echo 2026-11-22T12:00:00Z ;; esac\n')
  for (const [tool, body] of Object.entries(tools)) writeFileSync(join(bin, tool), `#!/bin/sh\n{ printf '%s\\n' ${tool} "$@"; echo; } >> ${calls}\n${body}\n`)
  execFileSync('sh', ['-c', `chmod +x ${bin}/*`])
  const devLog = join(folder, 'dev-log')
  writeFileSync(devLog, '')
  const env = { PATH: bin, HPS_CMDLINE: join(proc, 'cmdline'), HPS_PROC: proc, HPS_MAC: '52:54:00:12:34:56', HPS_DEV_LOG: 'logger' in tools ? devLog : join(folder, 'nothing') }
  const call = (args: readonly string[], more: Readonly<Record<string, string>>) => {
    const { status, stdout, stderr } = spawnSync('/bin/sh', [...args], { env: { ...env, ...more }, encoding: 'utf8', timeout: 10_000 })
    return { code: status ?? -1, out: stdout, err: stderr }
  }
  return {
    run: (args, more = {}) => call([LIBRARY, ...args], more),
    source: (script, more = {}) => call(['-uc', `. ${LIBRARY}; ${script}`], more),
    calls: () => (existsSync(calls) ? readFileSync(calls, 'utf8') : ''),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  }
}
const LOGGER = { logger: '' }
const stdinTo = (tool: string) => ({ [tool]: `cat >> "\${0%/bin/*}/calls"` })

test('with a syslog daemon a line goes by logger, with its label at the beginning of the text', () => {
  using machine = aMachine(LOGGER)
  expect(machine.run(['log', 'warning', 'disk is slow', 'n_install'])).toEqual({ code: 0, out: '', err: '' })
  expect(machine.calls()).toBe('logger\n-p\nuser.warning\n-t\nhps\n--\n[s=a1b2c3 f=n_install] disk is slow\n\n')
})

test('a stage and the last word that the system is up carry the stage', () => {
  using machine = aMachine(LOGGER)
  machine.run(['stage', 'packages', 'installing 12 packages'])
  machine.run(['ready'])
  expect(machine.calls()).toContain('[s=a1b2c3 st=packages] installing 12 packages')
  expect(machine.calls()).toContain('[s=a1b2c3 st=os.ready] ready after 12.34 s')
})

test('an announcement is the whole text of the wire contract, and prints the label it goes by', () => {
  using machine = aMachine(LOGGER)
  expect(machine.run(['announce', 'install']).out).toBe('a1b2c3\n')
  expect(machine.calls()).toContain(`hps-session\n--\nstart host=tch-001 boot_time=1700000000 boot_id=${BOOT_ID} mac=52:54:00:12:34:56 kind=install\n`)
})

test('without a label from the boot loader the hash of the boot is the label, as the hub computes it', () => {
  using machine = aMachine(LOGGER, 'hps.node=tch-001')
  const label = sessionHash('tch-001', 1_700_000_000)
  expect(label).toBe(createHash('sha256').update('tch-001:1700000000\n').digest('hex').slice(0, 6))
  expect(label).toMatch(LABEL)
  expect(machine.run(['announce']).out).toBe(`${label}\n`)
})

test('the end of a boot is said', () => {
  using machine = aMachine(LOGGER)
  machine.run(['end', 'reboot'])
  expect(machine.calls()).toContain('hps-session\n--\nend reason=reboot\n')
})

test('without a syslog daemon the frame of RFC 5424 goes out by UDP, its label as structured data', () => {
  using machine = aMachine({ nc: `case $1 in -h) echo 'usage: nc [-46bCDdFhklNnrStUuvZz]' >&2; exit 1 ;; esac\n${stdinTo('nc')['nc']}` })
  expect(machine.run(['log', 'err', 'two\nlines', 'n_x']).code).toBe(0)
  expect(machine.calls()).toContain('nc\n-u\n-w\n1\n10.0.0.1\n514\n\n<11>1 2026-11-22T12:00:00Z tch-001 hps - - [hps@32473 session="a1b2c3" function="n_x"] two lines')
})

test('a netcat without UDP is not used: the line goes by HTTP', () => {
  using machine = aMachine({ nc: `echo 'Usage: nc [-iN] [-wN] [-l] [-p PORT]' >&2`, ...stdinTo('curl') })
  expect(machine.run(['log', 'info', 'hello']).code).toBe(0)
  expect(machine.calls()).toContain('http://10.0.0.1:8080/api/v1/logs\n\n<14>1 2026-11-22T12:00:00Z tch-001 hps - - [hps@32473 session="a1b2c3"] hello\n')
})

test('without curl, wget posts the same', () => {
  using machine = aMachine({ wget: '' })
  expect(machine.run(['log', 'info', 'hello']).code).toBe(0)
  expect(machine.calls()).toContain('--post-data\n<14>1 2026-11-22T12:00:00Z tch-001 hps - - [hps@32473 session="a1b2c3"] hello\n\nhttp://10.0.0.1:8080/api/v1/logs\n')
})

test('when nothing takes the line the exit code says so', () => {
  using refused = aMachine({ curl: 'cat > /dev/null; exit 22' })
  expect(refused.run(['log', 'info', 'hello']).code).toBe(22)
  using alone = aMachine({ wget: '' }, 'quiet')
  expect(alone.run(['log', 'info', 'hello']).code).toBe(1)
})

/** A hub that knows the keys of some ways; the keys count up, one for each way in the order logger, udp, http. */
const HUB = (arrived: string): Readonly<Record<string, string>> => ({
  ...LOGGER,
  nc: `case $1 in -h) echo 'usage: nc [-46bCDdFhklNnrStUuvZz]' >&2; exit 1 ;; esac\n${stdinTo('nc')['nc']}`,
  curl: `case $* in *log/ack*) case $* in ${arrived}) echo "logged seq=1 key=x" ;; *nothing*) ;; *) echo 'not-logged key=x' ;; esac ;; *) cat >> "\${0%/bin/*}/calls" ;; esac`,
})
const numberKeys = 'hps_new_key() { hps_n=$(cat $HPS_PROC/n 2> /dev/null || echo 0); echo $((hps_n + 1)) > $HPS_PROC/n; echo key-number-$hps_n; };'

test.for([
  ['*key-number-0*', ['logger logged', 'udp not-logged', 'http not-logged'], 0, 'logger'],
  ['*key-number-1*', ['logger not-logged', 'udp logged', 'http not-logged'], 0, 'udp'],
  ['*key-number-2*', ['logger not-logged', 'udp not-logged', 'http logged'], 1, 'http'],
  ['*key-number-[12]*', ['logger not-logged', 'udp logged', 'http logged'], 0, 'udp'],
  ['*', ['logger logged', 'udp logged', 'http logged'], 0, 'logger'],
  ['nothing-arrived', ['logger not-logged', 'udp not-logged', 'http not-logged'], 3, 'logger'],
] as const)('asked by each way which arrived, the hub knows %j', ([arrived, lines, code, via]) => {
  using machine = aMachine(HUB(arrived))
  const { out, err } = machine.source(`${numberKeys} hps_ack 3; echo "$? $HPS_VIA"`)
  expect(err).toBe('')
  expect(out.split('\n').map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([...lines, `${code} ${via}`, ''])
  const calls = machine.calls()
  expect(calls).toContain('logger\n-p\nuser.info\n-t\nhps-ack\n--\nkey-number-0\n')
  expect(calls).toContain('nc\n-u\n-w\n1\n10.0.0.1\n514\n\n<14>1 2026-11-22T12:00:00Z tch-001 hps-ack - - [hps@32473 session="a1b2c3"] key-number-1')
  expect(calls).toContain('tch-001 hps-ack - - [hps@32473 session="a1b2c3"] key-number-2')
  for (const n of [0, 1, 2]) expect(calls).toContain(`http://10.0.0.1:8080/boot/v1/log/ack?key=key-number-${n}&wait=3\n`)
})

test('the way that was chosen stays where it arrived, though a better one did too', () => {
  using machine = aMachine(HUB('*'))
  expect(machine.source('hps_ack 3 > /dev/null; echo "$? $HPS_VIA"', { HPS_VIA: 'udp' }).out).toBe('0 udp\n')
})

test('ways that this system does not have are not spoken of; a hub that does not answer, and a way that does not send, are', () => {
  using alone = aMachine({ curl: 'case $* in *log/ack*) ;; *) cat > /dev/null ;; esac' })
  expect(alone.run(['ack', '1'])).toEqual({ code: 3, out: 'http no-answer\n', err: '' })
  using refused = aMachine({ ...LOGGER, curl: `case $* in *log/ack*) echo 'logged seq=1' ;; *) cat > /dev/null; echo refused >&2; exit 22 ;; esac` })
  expect(refused.run(['ack', '1'])).toEqual({ code: 0, out: 'http not-sent\nlogger logged seq=1\n', err: '' })
  using nothing = aMachine({}, 'quiet')
  expect(nothing.run(['ack', '1'])).toEqual({ code: 3, out: '', err: '' })
})

test('keys are of the wire contract, one for each way', () => {
  using machine = aMachine(HUB('*'))
  machine.source('hps_ack 3')
  const keys = [...machine.calls().matchAll(/log\/ack\?key=([^&]+)&/g)].map((match) => match[1]!)
  expect(keys).toHaveLength(3)
  for (const key of keys) expect(key).toMatch(ACK_KEY)
})

test('a session that is none and words with quotes cannot break out of the label', () => {
  using machine = aMachine(stdinTo('curl'), 'hps.hub=http://h:1 hps.node=n')
  machine.run(['log', 'info', 'x', 'f"] evil'], { HPS_SESSION: '"]<0>' })
  expect(machine.calls()).toContain('[hps@32473 session="0" function="fevil"] x')
})

test('the environment comes before the kernel command line', () => {
  using machine = aMachine(stdinTo('curl'))
  machine.run(['log', 'info', 'x'], { HPS_HUB: 'https://hub.example:8443', HPS_NODE: 'other', HPS_SESSION: 'ffffff' })
  expect(machine.calls()).toContain('https://hub.example:8443/api/v1/logs')
  expect(machine.calls()).toContain(' other hps - - [hps@32473 session="ffffff"] x')
})

test('an unknown command shows the usage and fails', () => {
  using machine = aMachine(LOGGER)
  const { code, err } = machine.run(['nonsense'])
  expect(code).toBe(2)
  expect(err).toContain('hps-log.sh log LEVEL TEXT [FUNCTION]')
  expect(machine.calls()).toBe('')
})
