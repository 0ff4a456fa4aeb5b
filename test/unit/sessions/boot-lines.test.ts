import { expect, test } from 'vitest'
import { createHub } from './kit.ts'

const ADDRESS = '10.0.0.50'
const said = (text: string, label = '-'): string => `<14>1 - - hps-boot - - ${label} ${text}`

test('what a machine says and asks by HTTP before its kernel is no sign of an operating system: the next ask is the same boot', () => {
  const hub = createHub()
  hub.command({ kind: 'register', name: 'tch-001', macs: ['52:54:00:aa:bb:01'], addresses: [ADDRESS] })
  const nodeId = hub.nodes.byName('tch-001')!.id
  const open = () => hub.command({ kind: 'open', nodeId, origin: 'decision', sessionKind: 'boot', address: ADDRESS })
  const first = open()
  if (!first.ok) throw new Error(first.reason)
  hub.send(ADDRESS, [said('decide outcome=wait state=held')])
  hub.wait(2000)
  hub.send(ADDRESS, [said('iPXE 1.0.0 on pcbios i386', `[hps@32473 session="${first.hash}" stage="ipxe.start"]`)])
  hub.wait(2000)
  expect(open()).toMatchObject({ ok: true, sessionId: first.sessionId, joined: true })
  expect(hub.session(first.sessionId!)).toMatchObject({ stage: 'decide', messages: 2 })
  hub.send(ADDRESS, ['<13>1 - tch-001 sshd - - - ready'])
  expect(hub.session(first.sessionId!).stage).toBe('os.syslog')
})

test('and after its kernel it moves nothing back: a name that only begins the same is userland', () => {
  const hub = createHub()
  hub.command({ kind: 'register', name: 'tch-001', addresses: [ADDRESS] })
  const [row] = hub.send(ADDRESS, ['<14>1 - - hps-boot2 - - - x'])
  expect(hub.session(row!.session).stage).toBe('os.syslog')
  hub.send(ADDRESS, [said('still here')])
  expect(hub.session(row!.session)).toMatchObject({ stage: 'os.syslog', messages: 2 })
  expect(hub.sessions('tch-001')).toHaveLength(1)
})
