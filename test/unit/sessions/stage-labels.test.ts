import { expect, test } from 'vitest'
import { createHub, type Hub } from './kit.ts'

const ADDRESS = '10.0.0.50'
const STRANGER = '10.0.0.99'

/** A registered node whose boot the hub has decided. */
function booting(sessionKind: 'boot' | 'install' = 'install'): { readonly hub: Hub; readonly id: number; readonly hash: string } {
  const hub = createHub()
  hub.command({ kind: 'register', name: 'tch-001', addresses: [ADDRESS] })
  const opened = hub.command({ kind: 'open', nodeId: hub.nodes.byName('tch-001')!.id, origin: 'decision', sessionKind, address: ADDRESS })
  if (!opened.ok) throw new Error(opened.reason)
  return { hub, id: opened.sessionId!, hash: opened.hash! }
}
const stageAfter = (hub: Hub, id: number, frame: string, from = ADDRESS): string | undefined => {
  hub.send(from, [frame])
  return hub.session(id).stage
}

test.for([
  ['structured data', '<14>1 - - install - - [hps@32473 seq="17" stage="packages"] x', 'packages'],
  ['structured data after another element', '<14>1 - - install - - [a@1 b="]"][hps@32473 note="a \\" stage=\\"post\\"" stage="packages"] x', 'packages'],
  ['the prefix of a text', '<14>Nov 22 14:00:00 tch-001 install: [f=n_install st=packages] x', 'packages'],
  ['a line by HTTP, before the kernel', '<14>1 - - hps-boot - - [hps@32473 stage="kernel.fetch"] x', 'kernel.fetch'],
  ['a line by HTTP, after the kernel', '<14>1 - - hps-boot - - [hps@32473 stage="initramfs.net"] x', 'initramfs.net'],
])('a label in %s moves the session on', ([, frame, stage]) => {
  const { hub, id } = booting()
  expect(stageAfter(hub, id, frame)).toBe(stage)
  expect(hub.counter('stage:unknown') + hub.counter('stage:unproven')).toBe(0)
})

test('the furthest stage wins, and a word that is none moves nothing and is counted', () => {
  const { hub, id } = booting()
  const say = (stage: string) => stageAfter(hub, id, `<14>1 - - install - - [hps@32473 stage="${stage}"] x`)
  expect([say('packages'), say('storage'), say('lunch'), say('bootloader')]).toEqual(['packages', 'packages', 'packages', 'bootloader'])
  expect(hub.counter('stage:unknown')).toBe(1)
})

test('a system that says its stage itself is not taken for one that runs', () => {
  const { hub, id } = booting('boot')
  expect(stageAfter(hub, id, '<14>1 - tch-001 hps - - [hps@32473 stage="initramfs.net"] network is up')).toBe('initramfs.net')
  expect(stageAfter(hub, id, '<14>1 - tch-001 sshd - - - ready')).toBe('os.syslog')
  expect(stageAfter(hub, id, '<14>1 - tch-001 hps - - [hps@32473 stage="os.ready"] ready')).toBe('os.ready')
})

test('of a node that only its host name, or an address that merely sent, tells, nothing is believed', () => {
  const { hub } = booting()
  const [named] = hub.send(STRANGER, ['<14>1 - web-1 install - - [hps@32473 stage="install.done"] x'])
  expect(named).toMatchObject({ node: 'web-1', method: 'host-name' })
  expect(hub.session(named!.session).stage).toBe('os.syslog')
  const [silent] = hub.send('10.0.0.98', ['<14>1 - - install - - [hps@32473 stage="install.done"] x'])
  expect(silent).toMatchObject({ method: 'source-address' })
  expect(hub.session(silent!.session).stage).toBe('os.syslog')
  expect(hub.counter('stage:unproven')).toBe(2)
})

test('a session label that the host name does not contradict proves the node', () => {
  const { hub, id, hash } = booting()
  expect(stageAfter(hub, id, `<14>1 - tch-001 install - - [hps@32473 session="${hash}" stage="post"] x`, STRANGER)).toBe('post')
  expect(stageAfter(hub, id, `<14>1 - web-1 install - - [hps@32473 session="${hash}" stage="install.done"] x`, STRANGER)).toBe('post')
})

test('what the boot before said late does not move this one, unless it names its session', () => {
  const { hub, id } = booting()
  expect(stageAfter(hub, id, '<14>1 2026-11-22T13:20:00Z - install - - [hps@32473 stage="install.done"] x')).toBe('decide')
  expect(stageAfter(hub, id, '<14>1 2026-11-22T14:00:00Z - install - - [hps@32473 stage="storage"] x')).toBe('storage')
})
