import { describe, expect, test } from 'vitest'
import { STAGE_NAMES, STAGES } from '#domain/stages.ts'
import { createHub, fixture, START_MS, type Hub } from './kit.ts'

const DHCP = '10.0.0.1'
const MAC = '52:54:00:aa:bb:01'
const aboutBoot = fixture('dnsmasq-boot.txt').filter((line) => /\]: \d{6,} |sent .*to 10\.99/.test(line))
/** Stage, seconds since the start of the test, and what showed it. */
const seen = (hub: Hub, id: number) => hub.records.stagesOf(hub.records.rootOf(id)).map(({ stage, atMs, by }) => `${stage} ${(atMs - START_MS) / 1000} ${by}`)
const texts = (hub: Hub) => new Map(hub.appender.batches.flatMap((batch) => Array.from({ length: batch.rows }, (_, row) => [batch.firstSeq + row, Buffer.from(batch.bytes.subarray(batch.frameStart[row]!, batch.frameStart[row]! + batch.frameLen[row]!)).toString()] as const)))

function booted(): { readonly hub: Hub; readonly id: number } {
  const hub = createHub()
  hub.command({ kind: 'register', name: 'tch-001', macs: [MAC] })
  const id = hub.send(DHCP, aboutBoot)[0]!.session
  hub.wait(4000)
  hub.send('10.99.1.51', ['<6>tch-001 ipxe: net0: 10.99.1.51/255.255.255.0 gw 10.99.1.1'])
  hub.wait(1000)
  hub.command({ kind: 'open', nodeId: hub.nodes.byName('tch-001')!.id, origin: 'decision', sessionKind: 'boot', isIpxe: true })
  hub.wait(5000)
  hub.send('10.99.1.51', ['<5>Nov 22 14:00:10 kernel: [    0.000000] Linux version 6.1.0-56', '<6>Nov 22 14:00:10 kernel: [    1.200417] Run /init as init process'])
  hub.wait(2000)
  hub.send('10.99.1.51', ['<14>1 - tch-001 hps - - [hps@32473 stage="initramfs.net"] network is up'])
  hub.wait(3000)
  hub.send('10.99.1.51', ['<13>Nov 22 14:00:15 tch-001 sshd[1]: listening'])
  return { hub, id }
}

const BOOT = ['dhcp.discover 0 dhcp', 'dhcp.ack 0 dhcp', 'nbp.sent 0 tftp', 'ipxe.start 4 ipxe', 'decide 5 decision', 'kernel.up 10 kernel', 'initramfs.net 12 label', 'os.syslog 15 syslog']

describe('when each stage of a boot was first seen', () => {
  test('all of them are kept, each with its time, what showed it, and the message', () => {
    const { hub, id } = booted()
    expect(seen(hub, id)).toEqual(BOOT)
    const said = texts(hub)
    const of = (stage: string) => said.get(hub.records.stagesOf(id).find((sighting) => sighting.stage === stage)!.seq)
    expect(of('dhcp.discover')).toContain('DHCPDISCOVER')
    expect(of('dhcp.ack')).toContain('DHCPACK')
    expect(of('nbp.sent')).toContain('undionly')
    expect(of('kernel.up')).toContain('Linux version')
    expect(of('initramfs.net')).toContain('network is up')
    expect(of('decide')).toBeUndefined()
  })

  test('iPXE that asks the hub and has no syslog is seen by that', () => {
    const hub = createHub()
    hub.command({ kind: 'register', name: 'tch-001', macs: [MAC] })
    const { nodeId } = { nodeId: hub.nodes.byName('tch-001')!.id }
    const opened = hub.command({ kind: 'open', nodeId, origin: 'decision', sessionKind: 'boot', isIpxe: true })
    expect(seen(hub, opened.ok ? opened.sessionId! : 0)).toEqual(['ipxe.start 0 decision', 'decide 0 decision'])
  })

  test('a stage that is seen again keeps its first time, also when an earlier one is seen after a later one', () => {
    const { hub, id } = booted()
    hub.wait(60_000)
    hub.send('10.99.1.51', ['<14>1 - tch-001 hps - - [hps@32473 stage="initramfs.net"] network is up', '<14>1 - tch-001 hps - - [hps@32473 stage="config.fetch"] x'])
    expect(seen(hub, id)).toEqual([...BOOT, 'config.fetch 75 label'])
    expect(hub.session(id).stage).toBe('os.syslog')
  })

  test.for(['clean', 'killed'] as const)('they are there after a %s stop, and go on from there', (how) => {
    const { hub, id } = booted()
    const next = hub.restart(how)
    next.wait(1000)
    next.send('10.99.1.51', ['<14>1 - tch-001 hps - - [hps@32473 stage="kernel.up"] x', '<14>1 - tch-001 hps - - [hps@32473 stage="os.ready"] x'])
    expect(seen(next, id)).toEqual([...BOOT, 'os.ready 16 label'])
    expect(next.session(id).stage).toBe('os.ready')
  })

  test('a line that a queue held back has its own time, but never one before the session', () => {
    const { hub, id } = booted()
    hub.wait(285_000)
    const label = (stamp: string, stage: string) => `<14>1 ${stamp} tch-001 hps - - [hps@32473 stage="${stage}"] x`
    hub.send('10.99.1.51', [label('2026-11-22T14:01:00Z', 'storage'), label('2026-11-22T13:59:00Z', 'packages')])
    expect(seen(hub, id).slice(BOOT.length)).toEqual(['storage 60 label', 'packages 300 label'])
  })

  test('of sessions that are joined, the earlier time of each stage stays', () => {
    const hub = createHub()
    const [first] = hub.send('10.0.0.7', ['<14>1 - a app - - - x'])
    hub.wait(5000)
    const [second] = hub.send('10.0.0.8', ['<14>1 - b app - - - x'])
    hub.command({ kind: 'stage', sessionId: second!.session, stage: 'post', seq: 2, atMs: hub.nowMs })
    hub.command({ kind: 'stage', sessionId: first!.session, stage: 'os.ready', seq: 1, atMs: hub.nowMs })
    expect(hub.command({ kind: 'join', sessionId: first!.session, into: second!.session, reason: 'test' })).toMatchObject({ ok: true })
    expect(seen(hub, first!.session)).toEqual(['os.syslog 0 syslog', 'post 5 rule', 'os.ready 5 rule'])
    expect(hub.session(second!.session).stage).toBe('os.ready')
  })

  test('a suspect that is a boot brings its kernel\'s time, one that is a replay changes nothing', () => {
    const { hub, id } = booted()
    hub.wait(60_000)
    const replay = hub.send('10.99.1.51', ['<5>Nov 22 14:00:10 kernel: [    0.000000] Linux version 6.1.0-56', '<6>Nov 22 14:00:10 kernel: [    1.200417] Run /init as init process'])
    hub.wait(5000)
    expect(replay[0]!.session).toBe(id)
    expect(seen(hub, id)).toEqual(BOOT)
    hub.wait(30_000)
    const boot = hub.send('10.99.1.51', ['<5>Nov 22 14:01:20 kernel: [    0.000000] Linux version 6.1.0-57', '<6>Nov 22 14:01:20 kernel: [    1.311117] Run /init as init process'])
    hub.wait(5000)
    expect(hub.session(boot[0]!.tagged).id).not.toBe(id)
    expect(seen(hub, boot[0]!.tagged)).toEqual(['kernel.up 110 kernel'])
  })

  test('a message that the disk refused is named by no stage, and the number is given to another', () => {
    const { hub, id } = booted()
    hub.appender.failWith = 'no space'
    hub.send('10.99.1.51', ['<14>1 - tch-001 hps - - [hps@32473 stage="post"] lost'])
    hub.appender.failWith = undefined
    hub.wait(2000)
    hub.send('10.99.1.51', ['<14>1 - tch-001 hps - - [hps@32473 stage="reboot"] kept'])
    const bySeq = new Map(hub.records.stagesOf(id).map((sighting) => [sighting.stage, sighting.seq]))
    expect(bySeq.get('post')).toBe(0)
    expect(texts(hub).get(bySeq.get('reboot')!)).toContain('kept')
  })

  test('a kill between hub.db and the log leaves a stage without a message', () => {
    const { hub, id } = booted()
    hub.appender.failWith = 'killed'
    hub.db.exec(`INSERT INTO session_stages VALUES (${id}, 'post', ${hub.nowMs}, ${hub.appender.nextSeq + 3}, 'label')`)
    hub.appender.failWith = undefined
    const next = hub.restart('clean')
    next.wait(1000)
    expect(next.records.stagesOf(id).find(({ stage }) => stage === 'post')!.seq).toBe(0)
  })

  test('there are no more than the catalogue has', () => {
    const { hub, id } = booted()
    for (let round = 0; round < 3; round++) hub.send('10.99.1.51', [...STAGE_NAMES, 'lunch'].map((stage) => `<14>1 - tch-001 hps - - [hps@32473 stage="${stage}"] x`))
    expect(seen(hub, id)).toHaveLength(STAGES.length)
  })
})
