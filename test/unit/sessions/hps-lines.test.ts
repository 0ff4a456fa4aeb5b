import { describe, expect, test } from 'vitest'
import { parseHpsLine } from '#sessions/hps-line.ts'
import { mayMeanSomething } from '#sessions/hps-gate.ts'
import { hpsMeaning } from '#sessions/hps-words.ts'
import { createBatch } from '#domain/batch.ts'
import fc from 'fast-check'
import { createHub, type Hub } from './kit.ts'

/** The HPS server; it registered itself as `ips`. */
const IPS = '10.0.0.1'
const MAC = '52:54:00:9c:4c:24'
const OWN = '10.0.0.50'

test.for([
  ['[vm] [INFO] [ipxe_init_handler] (ipxe) [5254009c4c24] iPXE Initialisation requested', { origin: 'vm', mac: MAC, isOwnMac: true, isServers: true, words: 'iPXE Initialisation requested' }],
  ['[vm] [INFO] [ipxe_init_handler] (ipxe) Found config for 5254009c4c24', { mac: MAC, isOwnMac: false }],
  ['[vm] [INFO] [host_initialise_config] (ipxe) Initialising new host: 5254009c4c24 (x86_64)', { mac: MAC, name: undefined }],
  ['[sch-001] [INFO] [host_registry] (ipxe) [5254009c4c24] registry updated: STATE', { origin: 'sch-001', mac: MAC }],
  ['[vm] [INFO] [host_network_configure] (ipxe) Network configuration complete for 5254009c4c24: sch-001 (10.99.1.2)', { mac: MAC, name: 'sch-001' }],
  ['[vm] [INFO] [main] (cli) ce_approve: approving 77 for 5254009c4c24 (sch-001 @ 10.99.1.2)', { mac: MAC, name: 'sch-001' }],
  ['[vm] [INFO] [f] (cli) keysafe_handle_token_request: Issuing token for MAC: 5254009c4c24, Node: sch-001, Purpose: backup', { mac: MAC, isOwnMac: true, name: 'sch-001' }],
  ['[vm] [WARN] [f] (cli) RESCUE mode active for MAC 5254009c4c24', { mac: MAC, isOwnMac: true }],
  ['[vm] [INFO] [f] (cli) Building function bundle for MAC 5254009c4c24', { mac: MAC }],
  ['[vm] [INFO] [f] (cli) [API] Request from 10.99.1.50/5254009c4c24: host_variable', { mac: MAC }],
  ['[vm] [INFO] [f] (cli) Allocated 10.31.0.100 to 5254009c4c24, DNS: x', { mac: MAC }],
  ['[vm] [ERROR] [f] [f:137 g:21] (ipxe) Duplicate IP address detected: 10.9.9.9 is assigned to both MAC 5254009c4c24 (sch-001) and MAC 5254009c4c25', { isError: true }],
  ['[vm] [WARN] [f] (cli) both MAC 5254009c4c24 and MAC 5254009c4c26', { mac: undefined }],
  ['[INFO] Selected /dev/disk/by-id/wwn-0x5254009c4c245254', { mac: undefined, isServers: false }],
  ['[ZPOOL] Successfully stored ZPOOL_NAME=ztest-1-pssd-u6743a8b2abc123', { mac: undefined, words: 'Successfully stored ZPOOL_NAME=ztest-1-pssd-u6743a8b2abc123' }],
  ['[sch-001] [INFO] [main] (cli) [n_installer_run] Step 2/6: Partitioning', { origin: 'sch-001', words: 'Step 2/6: Partitioning' }],
  ['[localhost] [INFO] [main] (cli) x', { origin: '', isServers: true }],
  ['[INFO] Step 1/6: Detecting target disks', { origin: '', words: 'Step 1/6: Detecting target disks' }],
  ['REBOOT: reboot  initiated on node at 2025-11-27 10:00:00', { words: 'REBOOT: reboot  initiated on node at 2025-11-27 10:00:00' }],
  ['', { origin: '', mac: undefined, words: '' }],
] as const)('%s', ([text, meant]) => expect(parseHpsLine(text)).toMatchObject(meant))

test.for([
  ['iPXE Initialisation requested', 'ipxe.start', 'firmware', undefined], ['State: INSTALLING - continuing install', 'decide', undefined, undefined], ['Node STATE: UNCONFIGURED', undefined, undefined, undefined],
  ['Starting to load node functions', undefined, 'system', undefined], ['Starting init sequence: 16 action(s)', undefined, 'system', undefined], ['Init [2/16]: Starting n_start_modloop', undefined, undefined, undefined],
  ['Init sequence complete: 12 succeeded, 4 failed', 'os.ready', undefined, undefined], ['Init sequence completed successfully', 'os.ready', undefined, undefined], ['Init sequence built with 16 action(s)', undefined, undefined, undefined],
  ['Starting Alpine SCH Installation', 'installer.start', undefined, undefined], ['Step 1/6: Detecting target disks', 'installer.start', undefined, undefined], ['Step 2/6: Partitioning', 'storage', undefined, undefined],
  ['Step 3/6: Formatting', 'storage', undefined, undefined], ['Step 4/6: Installing Alpine', 'packages', undefined, undefined], ['Step 5/6: Installing HPS init', 'post', undefined, undefined], ['Step 6/6: Finalizing installation', 'post', undefined, undefined],
  ['Step 1 failed: Disk detection', undefined, undefined, undefined], ['Installation complete', 'install.done', undefined, undefined], ['Package Installation complete', undefined, undefined, undefined],
  ['Rebooting system...', 'reboot', undefined, 'reboot'], ['REBOOT: reboot  initiated on node', 'reboot', undefined, 'reboot'], ['Executing reboot  at x', 'reboot', undefined, 'reboot'], ['Node shutting down via init system', undefined, undefined, 'shutdown'],
] as const)('%s', ([words, stage, begins, ends]) => expect(hpsMeaning(words)).toEqual({ stage, begins, ends }))

/** The only row of a batch, its text and nothing else. */
function looksMeant(text: string): boolean {
  const bytes = Buffer.from(text)
  const batch = createBatch(8, Math.max(8, bytes.length))
  batch.bytes.set(bytes)
  batch.textLen[0] = bytes.length
  return mayMeanSomething(batch, 0)
}

const WORDS = ['iPXE Initialisation requested', 'State: A - b', 'Starting to load node functions', 'Starting init sequence: 1 action', 'Init sequence complete: ', 'Starting Alpine SCH Installation', 'Step 1/6: ', 'Partitioning /dev/', 'Formatting root partition',
  'Running setup-disk ', 'Installation complete', 'Rebooting system', 'REBOOT: ', 'Executing reboot', 'Node shutting down via init system', 'n_install: x', '[', '[INFO]', '[a', '(cli)', ' ', '\t', '\u00a0', 'x'] as const
test('what a look at its bytes passes over means nothing and speaks about nobody', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...WORDS), { maxLength: 6 }), (parts) => {
      const line = parseHpsLine(parts.join(''))
      const { stage, begins, ends } = hpsMeaning(line.words)
      if (stage !== undefined || begins !== undefined || ends !== undefined || line.isServers) expect(looksMeant(parts.join(''))).toBe(true)
    }),
    { numRuns: 3000 },
  )
})
test.for(['[a1b2c3] n_install: partition written', 'n_install: x', '', '[INFO] Found 1 suitable disk(s)', '(cli) x', '[never closed'])('%s needs no reading', (text) => expect(looksMeant(text)).toBe(false))

const server = (hub: Hub, ...lines: string[]) => hub.send(IPS, lines.map((line) => `<134>Nov 22 14:00:00 hps: ${line}`))
const own = (hub: Hub, lines: readonly string[], from = OWN) => hub.send(from, lines.map((line) => `<13>Nov 22 14:00:00 ${line}`))
const sightings = (hub: Hub, id: number) => hub.records.stagesOf(hub.records.rootOf(id)).map(({ stage, by }) => `${stage} ${by}`)

describe('lines of the HPS server', () => {
  test('a machine without a name is known by its MAC, and takes the name that the server gives it', () => {
    const hub = createHub()
    const [first] = server(hub, '[vm] [INFO] [ipxe_init_handler] (ipxe) [5254009c4c24] iPXE Initialisation requested')
    expect(first).toMatchObject({ node: 'mac-5254009c4c24', method: 'subject' })
    expect(hub.session(first!.session)).toMatchObject({ origin: 'dhcp', stage: 'ipxe.start' })
    const rows = server(hub, '[vm] [INFO] [host_network_configure] (ipxe) Network configuration complete for 5254009c4c24: sch-001 (10.99.1.2)', '[sch-001] [INFO] [main] (cli) [n_installer_run] [INFO] Step 2/6: Partitioning', '[vm] [INFO] [f] (cli) State of sch-001 is known')
    expect(rows.map((row) => [row.node, row.session])).toEqual(Array.from({ length: 3 }, () => ['sch-001', first!.session]))
    expect(hub.nodes.byId(first!.nodeId)).toMatchObject({ name: 'sch-001', macs: [MAC] })
    expect(sightings(hub, first!.session)).toEqual(['ipxe.start hps', 'storage hps'])
  })

  test('what the server says of itself, or of somebody unknown, is its own', () => {
    const hub = createHub()
    hub.command({ kind: 'register', name: 'ips', addresses: [IPS] })
    const rows = server(hub, '[ips] [INFO] [main] (cli) Starting HPS system bootstrap', '[vm] [INFO] [main] (cli) dnsmasq config generated', '[vm] [INFO] [main] (cli) Joining cluster node: xyz-999')
    expect(rows.map((row) => row.node)).toEqual(['ips', 'ips', 'ips'])
    expect(hub.nodes.byName('vm')).toBeUndefined()
  })

  test('a MAC that stands where anything may stand finds a machine and makes none known', () => {
    const hub = createHub()
    expect(server(hub, '[vm] [INFO] [f] (cli) Found config for 5254009c4c24')[0]!.method).not.toBe('subject')
    expect(hub.nodes.byMac(MAC)).toBeUndefined()
    hub.command({ kind: 'register', name: 'sch-001', macs: [MAC] })
    expect(server(hub, '[vm] [INFO] [f] (cli) Found config for 5254009c4c24')[0]).toMatchObject({ node: 'sch-001', method: 'subject' })
  })

  test('iPXE that asks again after the system was up is another boot', () => {
    const hub = createHub()
    hub.command({ kind: 'register', name: 'sch-001', macs: [MAC], addresses: [OWN] })
    const first = server(hub, '[sch-001] [INFO] [f] (ipxe) [5254009c4c24] iPXE Initialisation requested')[0]!.session
    own(hub, ['hps[n_init_run]: Init sequence complete: 12 succeeded, 0 failed'])
    hub.wait(60_000)
    const second = server(hub, '[sch-001] [INFO] [f] (ipxe) [5254009c4c24] iPXE Initialisation requested')[0]!.session
    expect(second).not.toBe(first)
    expect(hub.session(first)).toMatchObject({ end: 'superseded', stage: 'os.ready' })
  })

  test('somebody without a role says nothing about others: text, and counted', () => {
    const hub = createHub()
    hub.command({ kind: 'register', name: 'sch-001', macs: [MAC] })
    const rows = hub.send('10.0.0.66', ['<134>Nov 22 14:00:00 rogue hps: [sch-001] [INFO] [f] (ipxe) [5254009c4c24] iPXE Initialisation requested', '<134>Nov 22 14:00:00 rogue hps: [INFO] cannot reach sch-001'])
    expect(rows.map((row) => row.node)).toEqual(['rogue', 'rogue'])
    expect(hub.counter('claims-refused')).toBe(1)
    expect(hub.sessions('sch-001')).toEqual([])
  })
})

describe('lines of HPS on a node', () => {
  const installing = () => {
    const hub = createHub()
    hub.command({ kind: 'register', name: 'sch-001', addresses: [OWN] })
    const opened = hub.command({ kind: 'open', nodeId: hub.nodes.byName('sch-001')!.id, origin: 'decision', sessionKind: 'install' })
    return { hub, id: opened.ok ? opened.sessionId! : 0 }
  }
  test('each step of the installer is a stage, and its end is the end of the session', () => {
    const { hub, id } = installing()
    const steps = ['Starting Alpine SCH Installation', 'Step 1/6: Detecting target disks', 'Step 2/6: Partitioning', 'Step 4/6: Installing Alpine', 'Step 6/6: Finalizing installation', 'Installation complete', 'Rebooting system...']
    const rows = own(hub, steps.map((step) => `hps[n_installer_run]: [INFO] ${step}`))
    expect(new Set(rows.map((row) => row.session))).toEqual(new Set([id]))
    expect(sightings(hub, id)).toEqual(['decide decision', 'installer.start hps', 'storage hps', 'packages hps', 'post hps', 'install.done hps', 'reboot hps'])
    expect(hub.session(id)).toMatchObject({ state: 'ended', end: 'reboot' })
    expect(own(hub, ['hps[n_x]: unmounting'])[0]!.session).toBe(id)
    const [next] = own(hub, ['hps[source]: Starting to load node functions'])
    expect(next!.session).not.toBe(id)
    expect(hub.session(next!.session)).toMatchObject({ origin: 'announcement', state: 'open' })
    expect(own(hub, ['hps[n_init_run]: Starting init sequence: 16 action(s)'])[0]!.session).toBe(next!.session)
  })

  test('what failed is no stage, and functions that are loaded again are no boot', () => {
    const { hub, id } = installing()
    own(hub, ['hps[f]: [ERROR] Step 2 failed: Partitioning', 'hps[f]: [ERROR] Installation complete with errors', 'hps[source]: Starting to load node functions', 'hps[source]: Starting to load node functions'])
    expect(sightings(hub, id)).toEqual(['decide decision', 'kernel.up syslog'])
    expect(hub.sessions('sch-001')).toHaveLength(1)
  })

  test('a sender that only its host name tells ends nothing and shows no stage', () => {
    const hub = createHub()
    const rows = own(hub, ['web-1 hps[f]: [INFO] Installation complete', 'web-1 hps[f]: REBOOT: now', 'web-1 hps[f]: Node shutting down via init system'], '10.0.0.99')
    expect(hub.session(rows[0]!.session)).toMatchObject({ state: 'open', stage: 'os.syslog' })
    expect(hub.counter('stage:unproven')).toBe(3)
  })

  test('the words of a line that a label places count too', () => {
    const { hub, id } = installing()
    const { hashes } = hub.session(id)
    hub.send('10.0.0.99', [`<13>Nov 22 14:00:00 hps[f]: [s=${hashes[0]} q=1] Step 2/6: Partitioning`])
    expect(sightings(hub, id)).toContain('storage hps')
  })

  test('an end that a queue held back from an earlier boot ends nothing', () => {
    const { hub, id } = installing()
    hub.send(OWN, ['<13>1 2026-11-22T13:30:00Z - hps - - - REBOOT: reboot initiated'])
    expect(hub.session(id)).toMatchObject({ state: 'open', stage: 'decide' })
  })
})
