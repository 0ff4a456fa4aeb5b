import { expect, test } from 'vitest'
import { DIALECTS, FLEET, STORIES } from '../../../src/demo/fleet.ts'
import { frame, ipxeFrame } from '../../../src/demo/frames.ts'
import { life } from '../../../src/demo/life.ts'
import type { Answer, Step } from '../../../src/demo/line.ts'
import { seededRandom } from '../../../src/demo/random.ts'

const AT = Date.parse('2026-11-02T03:04:05.678Z')
/** A life of `count` steps; the hub answers each question with the next of `answers`, the last one for ever. */
function steps(name: string, count: number, { seed = 1, answers = [{ kind: 'script', kernelUrl: undefined }] }: { readonly seed?: number; readonly answers?: readonly Answer[] } = {}): Step[] {
  const lived: Step[] = []
  const left = [...answers]
  const all = life(FLEET.find((node) => node.name === name)!, { seed, httpUrl: 'http://127.0.0.1:8080', clock: () => AT })
  for (let next = all.next(); next.done !== true && lived.length < count; ) {
    lived.push(next.value)
    next = all.next(next.value.kind === 'ask' ? (left.length > 1 ? left.shift() : left[0]) : undefined)
  }
  return lived
}
const texts = (name: string, count: number, answers?: readonly Answer[]): string[] => steps(name, count, answers === undefined ? {} : { answers }).flatMap((step) => (step.kind === 'ask' ? ['ask'] : [step.kind === 'ipxe' ? step.text : step.line.text]))

test('twelve nodes, each with its own name, loopback address and MAC, tell all stories in all dialects', () => {
  expect(FLEET).toHaveLength(12)
  for (const key of ['name', 'address', 'mac'] as const) expect(new Set(FLEET.map((node) => node[key])).size).toBe(12)
  expect(FLEET.every(({ address, mac }) => /^127\.1\.0\.\d+$/.test(address) && /^52:54:00(:[0-9a-f]{2}){3}$/.test(mac))).toBe(true)
  expect(new Set(FLEET.map(({ story }) => story))).toEqual(new Set(STORIES))
  expect(new Set(FLEET.map(({ dialect }) => dialect))).toEqual(new Set(DIALECTS))
})

test('the same seed gives the same life, another seed another', () => {
  expect(steps('tch-001', 300)).toEqual(steps('tch-001', 300))
  expect(steps('tch-001', 300, { seed: 2 })).not.toEqual(steps('tch-001', 300))
})

test('a boot is DHCP, TFTP, DHCP again, iPXE that asks the hub, the kernel from its banner on, and services', () => {
  const said = texts('tch-001', 80)
  const marks = ['DHCPACK(hps0) 127.1.0.1 52:54:00:d0:00:01 tch-001', 'sent /srv/tftp/snponly.efi to 127.1.0.1', 'user class: iPXE', 'Configuring (net0 52:54:00:d0:00:01)', 'ask', 'Booting from SAN device', '] Linux version 6.1', 'NIC Link is Up', 'Server listening on 0.0.0.0 port 22']
  const found = marks.map((mark) => said.findIndex((text) => text.includes(mark)))
  expect(found.every((index) => index >= 0), String(found)).toBe(true)
  expect(found).toEqual(found.toSorted((a, b) => a - b))
})

test('a node that is told to wait asks again after that time, without a word, until it gets a script', () => {
  const wait = { kind: 'wait', retryAfterMs: 7_000 } as const
  const all = steps('tch-001', 60, { answers: [wait, wait, { kind: 'script', kernelUrl: 'http://h/k' }] })
  const first = all.findIndex(({ kind }) => kind === 'ask')
  expect(all.slice(first, first + 5).map((step) => (step.kind === 'ask' ? `ask after ${step.afterMs}` : step.kind === 'ipxe' ? step.text : '?'))).toEqual([
    'ask after 40', 'ask after 7000', 'ask after 7000', 'http://127.0.0.1:8080/boot/v1/decide... ok', 'http://h/k... ok',
  ])
})

test('a node whose hub does not answer says so, and tries for ever', () => {
  const said = texts('tch-001', 100, [{ kind: 'lost' }])
  expect(said.filter((text) => text.includes('Connection timed out')).length).toBeGreaterThan(20)
  expect(said.some((text) => text.includes('Linux version'))).toBe(false)
})

test('the kernel’s clock begins at zero with each boot and never runs backwards in between', () => {
  const clocks = texts('tch-001', 400).flatMap((text) => [...text.matchAll(/^\[ *(\d+\.\d{6})\]/g)].map(([, seconds]) => Number(seconds)))
  const boots = clocks.reduce<number[][]>((all, seconds, index) => (index === 0 || seconds < clocks[index - 1]! ? [...all, [seconds]] : [...all.slice(0, -1), [...all.at(-1)!, seconds]]), [])
  expect(boots.length).toBeGreaterThan(1)
  expect(boots.every((boot) => boot[0] === 0)).toBe(true)
})

test.for(['tch-002', 'sch-002'])('the kernel’s clock of %s, which boots once, goes on for days', (name) => {
  const clocks = texts(name, 3_000).flatMap((text) => [...text.matchAll(/^\[ *(\d+\.\d{6})\]/g)].map(([, seconds]) => Number(seconds)))
  expect(clocks.length).toBeGreaterThan(50)
  expect(clocks).toEqual(clocks.toSorted((a, b) => a - b))
})

test.for<readonly [string, string, string]>([
  ['installs', 'sch-001', "Menu item 'finish-install' selected"], ['flaps', 'tch-002', 'NIC Link is Down'], ['sick-disk', 'sch-002', 'I/O error, dev sdb'], ['crashes', 'tch-006', 'Kernel panic'], ['reboots', 'tch-001', 'System Reboot'], ['announces', 'tch-003', 'start host=tch-003 boot_time='],
])('the story %s of %s has its moment: %s', ([, name, mark]) => expect(texts(name, 200).some((text) => text.includes(mark))).toBe(true))

test('the node that goes quiet stops within an hour, and it alone', () => {
  const ends = FLEET.map((node) => [node.name, steps(node.name, 2_000).length < 2_000])
  expect(ends.filter(([, isOver]) => isOver)).toEqual([['cch-001', true]])
})

test('rates are gentle: no node says more than two messages a second over ten minutes', () => {
  for (const { name } of FLEET) {
    const all = steps(name, 2_000)
    let atMs = 0
    const within = all.filter((step) => (atMs += step.afterMs) < 600_000).length
    expect(within, name).toBeLessThan(1_200)
  }
})

test.for([
  ['busybox-udp', '<30>Nov  2 03:04:05 sshd[702]: hello'], ['rsyslog-udp', '<30>Nov  2 03:04:05 tch-001 sshd[702]: hello'], ['newline-tcp', '<30>Nov  2 03:04:05 tch-001 sshd[702]: hello\n'],
  ['rfc5424-udp', '<30>1 2026-11-02T03:04:05.678Z tch-001 sshd 702 - - hello'], ['octet-counted-tcp', '57 <30>1 2026-11-02T03:04:05.678Z tch-001 sshd 702 - - hello'],
] as const)('%s is written as %s', ([dialect, expected]) => {
  const offsetMs = new Date(AT).getTimezoneOffset() * 60_000
  const isLocal = !expected.includes('2026-11-02T')
  expect(frame('tch-001', { facility: 3, severity: 6, app: 'sshd', pid: 702, text: 'hello' }, { dialect, nowMs: AT + (isLocal ? offsetMs : 0) })).toBe(expected)
})

test('iPXE has neither time nor process', () => expect(ipxeFrame(FLEET[0]!, 'Next server: 127.0.0.1')).toBe('<6>tch-001 ipxe: Next server: 127.0.0.1'))

test('the generator of chance is even enough, and in its bounds', () => {
  const random = seededRandom(42)
  const values = Array.from({ length: 10_000 }, random)
  expect(values.every((value) => value >= 0 && value < 1)).toBe(true)
  expect(values.reduce((sum, value) => sum + value, 0) / values.length).toBeCloseTo(0.5, 1)
})
