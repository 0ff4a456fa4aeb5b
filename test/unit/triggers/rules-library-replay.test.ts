import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../../src/demo/random.ts'
import { FLEET } from '../../../src/demo/fleet.ts'
import { frame, ipxeFrame } from '../../../src/demo/frames.ts'
import { life } from '../../../src/demo/life.ts'
import type { Answer } from '../../../src/demo/line.ts'
import { createReplay, fired, recorded, shippedRules } from './library.ts'

const RULES = shippedRules()
const DHCP = '10.0.0.1'
const SESSIONS = 'test/unit/sessions/fixtures/'
const BOOTS = 'test/fixtures/boots/'

describe('of recorded boots that went well, no rule says more than info', () => {
  test.each([
    ['dnsmasq while a BIOS machine boots by TFTP and two iPXEs', [[DHCP, `${SESSIONS}dnsmasq-boot.txt`]]],
    ['dnsmasq from its own start on', [[DHCP, `${BOOTS}dnsmasq-service.txt`]]],
    ['dnsmasq while a running system renews', [[DHCP, `${SESSIONS}dnsmasq-os-client.txt`]]],
    ['iPXE under BIOS, and the kernel', [['10.77.0.50', `${SESSIONS}ipxe-boot.txt`], ['10.77.0.50', `${SESSIONS}kernel-boot.txt`]]],
    ['iPXE under UEFI, and the kernel', [['10.77.0.50', `${BOOTS}ipxe-uefi.txt`], ['10.77.0.50', `${SESSIONS}kernel-boot.txt`]]],
    ['a Debian kernel by busybox klogd', [['10.77.0.50', `${SESSIONS}kernel-boot.txt`]]],
    ['a whole boot: DHCP, iPXE, DHCP of the system, kernel', [[DHCP, `${BOOTS}dnsmasq-service.txt`], ['10.77.0.50', `${SESSIONS}ipxe-boot.txt`], [DHCP, `${SESSIONS}dnsmasq-os-client.txt`], ['10.77.0.50', `${SESSIONS}kernel-boot.txt`]]],
    ['somebody who fails to log in a few times', [['10.0.0.20', `${BOOTS}sshd-failures.txt`]]],
    ['the ordinary lines of many programs', [['10.0.0.20', `${BOOTS}ordinary-day.txt`], ['10.0.0.20', `${BOOTS}ordinary-reboot.txt`]]],
  ] as const)('%s', (_, parts) => {
    const replay = createReplay(RULES)
    for (const [from, file] of parts) {
      const frames = recorded(file)
      expect(frames.length).toBeGreaterThanOrEqual(10)
      replay.send(from, frames)
      replay.hub.wait(120_000)
    }
    expect(replay.complaints()).toEqual([])
  })

  test('a whole network boot, from the start of the hub to the shutdown of the machine', () => {
    const replay = createReplay(RULES)
    replay.hub.command({ kind: 'register', name: 'node01', macs: ['52:54:00:12:34:56'] })
    let nowMs = 0
    for (const line of recorded(`${BOOTS}netboot.txt`)) {
      const [, atMs, from, text] = /^(\d+) (\S+) (.*)$/.exec(line)!
      replay.hub.wait(Number(atMs) - nowMs)
      nowMs = Number(atMs)
      replay.send(from!, [text!])
    }
    expect(replay.complaints()).toEqual([])
    expect(fired(replay.world, RULES).map(({ rule, fields }) => `${rule} ${fields['node']}`)).toEqual(['provision.node-ready node01'])
  })

  test('a boot of which nothing is heard once its kernel is fetched is found', () => {
    const replay = createReplay(RULES)
    replay.send('10.77.0.50', recorded(`${SESSIONS}ipxe-boot.txt`))
    expect(replay.complaints()).toEqual([expect.stringMatching(/^boot\.dark .*"node":"node01"/)])
  })

  test('the same boot three times, an hour apart', () => {
    const replay = createReplay(RULES)
    for (let boot = 0; boot < 3; boot++) {
      replay.send('10.77.0.50', recorded(`${SESSIONS}ipxe-boot.txt`))
      replay.hub.wait(10_000)
      replay.send('10.77.0.50', recorded(`${SESSIONS}kernel-boot.txt`))
      replay.send('10.77.0.50', ['<13>Nov 22 14:00:10 hps: ready'])
      replay.hub.wait(3_600_000)
    }
    expect(replay.complaints()).toEqual([])
  })
})

describe('a simulated fleet', () => {
  /** Half an hour of a node's life, its lines as they would be received. */
  function liveHalfAnHour(replay: ReturnType<typeof createReplay>, node: (typeof FLEET)[number]): void {
    const untilMs = replay.hub.nowMs + 1_800_000
    const steps = life(node, { seed: 7, httpUrl: 'http://10.0.0.1:8080', clock: () => replay.hub.nowMs })
    let answer: Answer | undefined
    for (let next = steps.next(answer); next.done !== true && replay.hub.nowMs < untilMs; next = steps.next(answer)) {
      const step = next.value
      replay.hub.wait(step.afterMs)
      answer = step.kind === 'ask' ? { kind: 'script', kernelUrl: 'http://10.0.0.1:8080/vmlinuz' } : undefined
      if (step.kind === 'ipxe') replay.send(node.address, [ipxeFrame(node, step.text)])
      else if (step.kind === 'say') replay.send(node.address, [frame(node.name, step.line, { dialect: 'rfc5424-udp', nowMs: replay.hub.nowMs })])
      else if (step.kind === 'boot-server') replay.send(DHCP, [frame('ips-01', step.line, { dialect: 'rfc5424-udp', nowMs: replay.hub.nowMs })])
    }
  }

  test.each(FLEET.filter(({ story }) => story === 'steady' || story === 'reboots' || story === 'installs' || story === 'announces').slice(0, 5).map((node) => [`${node.name}, which ${node.story}`, node] as const))('%s, makes no rule complain', (_, node) => {
    const replay = createReplay(RULES)
    liveHalfAnHour(replay, node)
    expect(replay.complaints()).toEqual([])
  })

  test('a machine whose kernel panics is found', () => {
    const replay = createReplay(RULES)
    liveHalfAnHour(replay, FLEET.find(({ story }) => story === 'crashes')!)
    expect(new Set(replay.complaints().map((text) => text.split(' ')[0]))).toEqual(new Set(['boot.kernel-panic', 'kernel.crash-reboot']))
  })

  test('seeds make other lives', () => expect(seededRandom(7)()).not.toBe(seededRandom(8)()))
})

describe('of recorded boots that went wrong, the rules say what', () => {
  test.each([
    ['every error that iPXE 1.0 can be made to have', '10.77.0.50', 'ipxe-errors-2019.txt', ['boot.ipxe-not-found', 'boot.ipxe-connection', 'boot.ipxe-timeout', 'boot.ipxe-no-such-name', 'boot.ipxe-no-boot-disk']],
    ['the same with iPXE 2.0', '10.77.0.50', 'ipxe-errors-2.0.txt', ['boot.ipxe-not-found', 'boot.ipxe-connection', 'boot.ipxe-timeout', 'boot.ipxe-no-such-name', 'boot.ipxe-no-boot-disk']],
    ['a CHAP secret that is refused', '10.77.0.50', 'ipxe-chap-refused.txt', ['boot.ipxe-no-boot-disk']],
    ['404, 403, 500, nobody there, nobody listens, a disk that fails', '10.99.1.51', 'ipxe-chain.txt', ['boot.ipxe-not-found', 'boot.ipxe-not-allowed', 'boot.ipxe-fetch-failed', 'boot.ipxe-timeout', 'boot.ipxe-connection', 'boot.ipxe-no-boot-disk']],
    ['a broken directory, a loop in the network, and one crash that is none', '10.0.0.20', 'kernel-troubles.txt', ['storage.filesystem-damaged', 'storage.read-only', 'network.loop']],
    ['a DHCP range without an address left, and files that TFTP does not have', DHCP, 'dnsmasq-troubles.txt', ['network.dhcp-exhausted', 'boot.tftp-not-found']],
  ])('%s', (_, from, file, rules) => {
    const replay = createReplay(RULES)
    replay.send(from, recorded(`${BOOTS}${file}`))
    expect([...new Set(fired(replay.world, RULES).map(({ rule }) => rule))].toSorted()).toEqual(rules.toSorted())
  })
})
