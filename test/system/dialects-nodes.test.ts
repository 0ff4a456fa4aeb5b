import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort } from '../support/child.ts'
import { aHub, untilFound, type RunningHub } from '../support/hub.ts'
import { startBusyboxSyslogd, startMachine, startQueueingRsyslogd, type Machine } from '../support/machine.ts'
import { startDhcpNetwork } from '../support/peers/dhcp-network.ts'
import { lagMs, OLD_TIME, received } from '../support/peers/inbox.ts'
import { sendUdp } from '../support/senders.ts'

/** Log daemons and dnsmasq as they run on nodes and boot servers, each on a machine with a /dev/log and a network of its own. */
let hub: RunningHub & AsyncDisposable
let port: number
let consolePort: number
/** One with busybox's log daemon, which sends no host name, and one with rsyslog. */
let alpine: Machine, debian: Machine
beforeAll(async () => {
  port = await freePort()
  consolePort = await freePort()
  const listeners = (['udp', 'tcp'] as const).map((transport) => ({ name: transport, transport, address: '0.0.0.0', port }))
  const netconsole = { name: 'netconsole', transport: 'udp', address: '127.0.0.1', port: consolePort, form: 'netconsole' }
  hub = await aHub({ syslog: { listeners: [...listeners, netconsole] } })
  alpine = await startMachine('tch-301', 31)
  debian = await startMachine('tch-302', 32)
  await startBusyboxSyslogd(alpine, port)
  await startQueueingRsyslogd(debian, port)
})
afterAll(async () => {
  for (const machine of [alpine, debian]) await machine?.[Symbol.asyncDispose]()
  await hub?.[Symbol.asyncDispose]()
})

const NO_HOST = [...OLD_TIME, 'no-host']

test('busybox logger and syslogd -R: two hundred messages arrive once each, in order, without a host name', async () => {
  await alpine.sh('for k in $(seq 1 200); do busybox logger -t n_install -p local3.warn "bbword step $k of 200: [ok] ümlaut"; done')
  const messages = await received(hub, 'bbword', 200)
  expect(messages.map((message) => message.text)).toEqual(Array.from({ length: 200 }, (_, k) => `bbword step ${k + 1} of 200: [ok] ümlaut`))
  for (const message of messages) {
    expect(message).toMatchObject({ host: '', app: 'n_install', procid: '', facility: 'local3', severity: 'warning', format: 'rfc3164', source: alpine.address })
    expect(message.faults.toSorted()).toEqual(NO_HOST.toSorted())
    expect(Math.abs(lagMs(message))).toBeLessThan(5000)
  }
})

test('busybox logger, its other ways: stdin, no tag, each severity, and util-linux logger with a process id', async () => {
  await alpine.sh("printf 'bbline one\\nbbline two\\n' | busybox logger -t lines")
  await alpine.sh('busybox logger "bbuser has no tag"')
  await alpine.sh('for s in emerg alert crit err warning notice info debug; do busybox logger -t sev -p daemon.$s "bbsev $s"; done')
  await alpine.sh('logger --id=4711 -t zed -p cron.err bbzed')
  expect((await received(hub, 'bbline', 2)).map(({ app, text }) => [app, text])).toEqual([['lines', 'bbline one'], ['lines', 'bbline two']])
  expect(await received(hub, 'bbuser')).toMatchObject([{ app: 'root', text: 'bbuser has no tag', severity: 'notice' }])
  expect((await received(hub, 'bbsev', 8)).map(({ severity, text }) => `${severity}: ${text}`)).toEqual(['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'].map((name) => `${name}: bbsev ${name}`))
  expect(await received(hub, 'bbzed')).toMatchObject([{ app: 'zed', procid: '4711', facility: 'cron', severity: 'err', text: 'bbzed' }])
})

const SERVERS = [
  { daemon: 'busybox', name: 'tch-301', mac: '52:54:00:aa:bb:31', host: '', faults: NO_HOST },
  { daemon: 'rsyslog', name: 'tch-302', mac: '52:54:00:aa:bb:32', host: 'tch-302', faults: OLD_TIME },
] as const
test.for(SERVERS)('dnsmasq behind $daemon: a DHCP exchange, a name and a file of a real client, with transaction id and MAC', async ({ name, mac, host, faults }) => {
  const machine = name === alpine.name ? alpine : debian
  const network = await startDhcpNetwork(machine, { mac })
  const client = `client-${name.slice(-3)}`
  const address = await network.lease(client)
  expect(address).toMatch(/^10\.44\.0\.\d+$/)
  await network.inside('busybox nslookup -type=a hub.lab.test 10.44.0.1')
  await network.inside(`sh -c 'cd /tmp && busybox tftp -g -r boot-file -l /dev/null 10.44.0.1'`)

  const from = `source:${machine.address}`
  const acks = await untilFound(hub, `${from} app:dnsmasq-dhcp DHCPACK`)
  expect(acks[0]!.text).toContain(`${address} ${mac} ${client}`)
  const exchange = (await hub.searchAll(`${from} app:dnsmasq-dhcp`)).filter((message) => message.text.includes(mac))
  expect(exchange.map((message) => /DHCP[A-Z]+/.exec(message.text)![0])).toEqual(['DHCPDISCOVER', 'DHCPOFFER', 'DHCPREQUEST', 'DHCPACK'])
  expect(new Set(exchange.map((message) => /^\d+/.exec(message.text)?.[0])).size).toBe(1)
  const [query] = await untilFound(hub, `${from} app:dnsmasq "query[A] hub.lab.test"`)
  const [file] = await untilFound(hub, `${from} app:dnsmasq-tftp "boot-file"`)
  for (const message of [...exchange, query!, file!]) {
    expect(message).toMatchObject({ host, facility: 'daemon', severity: 'info', format: 'rfc3164', procid: expect.stringMatching(/^\d+$/) })
    expect(message.faults.toSorted()).toEqual([...faults].toSorted())
    expect(Math.abs(lagMs(message))).toBeLessThan(10_000)
  }
  expect(file!.text).toContain(address)
})

test('netconsole by replay: plain lines, records with their sequence number, and pieces of one record', async () => {
  const [first, last] = ['ncword frag: the first piece, ', 'and the last']
  await sendUdp(consolePort, [
    '[   12.345678] ncword plain: link up\n',
    '6,416,1758426,-;ncword extended: link is up\n',
    `6,417,1758500,-,ncfrag=0/${first.length + last.length};${first}`,
    `6,417,1758500,-,ncfrag=${first.length}/${first.length + last.length};${last}`,
  ])
  const messages = await received(hub, 'ncword', 3)
  expect(messages).toHaveLength(3)
  for (const message of messages) expect(message).toMatchObject({ app: 'kernel', facility: 'kern' })
  expect(messages.map((message) => [message.format, message.procid])).toEqual([['netconsole', ''], ['kmsg', '416'], ['kmsg', '417']])
  expect(messages[1]).toMatchObject({ severity: 'info', text: expect.stringContaining('ncword extended: link is up') })
  expect(messages[2]).toMatchObject({ text: expect.stringContaining(first + last), faults: expect.arrayContaining(['joined']) })
})
