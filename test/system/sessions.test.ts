import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { OutboxView } from '../../src/api/outbox-part.ts'
import type { SessionView } from '../../src/api/parts.ts'
import { freePort, until, type Child } from '../support/child.ts'
import { placeHub, ROOT, startHub, sumOf, untilFound, type HubPlace, type RunningHub } from '../support/hub.ts'
import { importFile, startBusyboxSyslogd, startMachine, startQueueingRsyslogd, stopInside, type Machine } from '../support/machine.ts'

/** The rules of boot sessions, with the log daemons of real nodes, each on a machine of its own; asked as an operator asks. */

/** The kernel log of a real boot. */
const RING = readFileSync(join(ROOT, 'test/unit/sessions/fixtures/kernel-boot.txt'), 'utf8').split('\n').flatMap((frame) => {
  const match = /^<(\d+)>\w{3} \d+ [\d:]+ kernel: (\[.*)$/.exec(frame)
  return match === null ? [] : [{ pri: match[1]!, text: match[2]! }]
})
type Ring = typeof RING
const clockOf = (text: string): number => Number(/^\[\s*([\d.]+)\]/.exec(text)![1])
/** The same machine boots again: the same lines, every clock that runs a little off. */
const nextBoot = (offBy: number): Ring => RING.map(({ pri, text }, i) => ({
  pri,
  text: text.replace(/^\[\s*([\d.]+)\]/, (whole, clock: string) => (Number(clock) === 0 ? whole : `[${(Number(clock) + offBy + (i % 7) * 0.000_013).toFixed(6).padStart(12)}]`)),
}))
const asKmsg = (ring: Ring): string[] => ring.map(({ pri, text }) => `<${pri}>${text}`)
const asJournal = (ring: Ring, { host, bootMs }: { readonly host: string; readonly bootMs: number }): string[] =>
  ring.map(({ pri, text }) => `<${pri}>1 ${new Date(bootMs + clockOf(text) * 1000).toISOString()} ${host} kernel - - - ${text}`)

/** A later boot is told from the known one by more than 10 s (docs/reference/sessions.md). */
const CLEARLY_LATER_MS = 12_000
const HOUR_MS = 3_600_000
/** The hub is away long enough for rsyslogd to notice and to queue. */
/** imklog reads on a thread of its own: on a busy machine what is said at once would come before the ring. */
const RING_IS_READ_MS = 1000
const DOWN_MS = 2000
const QUEUED = 300
/** rsyslogd's queue changes the order of what it had on disk; messages that tell nothing are then not always counted as replayed. */
const MOST = RING.length / 2
const FEW = RING.length / 20

let place: HubPlace
let hub: RunningHub
let port: number
/** busybox, as in Alpine; Debian; one that announces itself; one that imports its journal; one that nobody registered. */
let alpine: Machine, debian: Machine, announcer: Machine, importer: Machine, stranger: Machine
const machines: Machine[] = []
let rsyslogd: Child
let bootedMs: number

beforeAll(async () => {
  port = await freePort()
  const listeners = (['udp', 'tcp'] as const).map((transport) => ({ name: transport, transport, address: '0.0.0.0', port }))
  place = await placeHub({ syslog: { listeners }, http: { address: '0.0.0.0' }, sessions: { quiet_after: '1s' } })
  mkdirSync(place.data, { mode: 0o700 })
  writeFileSync(join(place.data, 'routes.yaml'), 'format: 1\nreceivers:\n- name: ops\n  mail: [ops@example.org]\n')
  hub = await startHub(place)
  for (const [i, name] of ['tch-101', 'tch-102', 'tch-103', 'tch-104', 'tch-105'].entries()) machines.push(await startMachine(name, i + 1))
  ;[alpine, debian, announcer, importer, stranger] = machines as [Machine, Machine, Machine, Machine, Machine]
  for (const { name, address } of [alpine, debian, announcer, importer]) {
    const answer = await hub.get(`/api/v1/nodes/${name}`, { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ addresses: [address] }) })
    expect(answer.status, await answer.text()).toBe(200)
  }
  for (const machine of [alpine, announcer]) await startBusyboxSyslogd(machine, port)
})
afterAll(async () => {
  for (const machine of machines) await machine[Symbol.asyncDispose]()
  if (hub?.child.running()) await hub.kill()
  place?.remove()
})

const sessionsOf = async (node: string): Promise<readonly SessionView[]> => (await hub.json<{ sessions: SessionView[] }>(`/api/v1/sessions?node=${node}`)).sessions
const onlySession = async (node: string): Promise<SessionView> => {
  const sessions = await sessionsOf(node)
  expect(sessions).toHaveLength(1)
  return sessions[0]!
}
const untilSessions = (node: string, what: string, holds: (sessions: readonly SessionView[]) => boolean): Promise<readonly SessionView[]> =>
  until(`${node}: ${what}`, async () => {
    const sessions = await sessionsOf(node)
    if (holds(sessions)) return sessions
    throw new Error(JSON.stringify(sessions)) // what a failure is told with
  })
const idOf = (session: Pick<SessionView, 'id'>): string => `%23${session.id}`
/** BusyBox klogd's way: the ring goes to the log daemon line by line under the name of the kernel. */
const klogd = async (machine: Machine, ring: Ring): Promise<void> => {
  writeFileSync(join(machine.folder, 'ring'), ring.map(({ text }) => `${text}\n`).join(''))
  await machine.sh(`busybox logger -t kernel -p kern.info <'${machine.folder}/ring'`)
}
const restartRsyslogd = async (ring: Ring): Promise<void> => {
  await stopInside(debian, { child: rsyslogd, pidFile: join(debian.folder, 'rsyslogd.pid') })
  debian.kernelSays(asKmsg(ring))
  rsyslogd = await startQueueingRsyslogd(debian, port)
}
const untilClearlyLater = (thanMs: number): Promise<void> => delay(Math.max(0, thanMs + CLEARLY_LATER_MS - Date.now()))

test('a machine boots: its kernel and its system are one session, by busybox and by rsyslog', async () => {
  await klogd(alpine, RING)
  debian.kernelSays(asKmsg(RING))
  rsyslogd = await startQueueingRsyslogd(debian, port)
  bootedMs = Date.now()
  for (const machine of [alpine, debian]) {
    await machine.sh(`logger -t sshd 'bootword of ${machine.name}'`)
    const [said] = await untilFound(hub, `bootword node:${machine.name}`)
    await untilFound(hub, `node:${machine.name} app:kernel`, RING.length)
    const session = await onlySession(machine.name)
    expect(session).toMatchObject({ origin: expect.stringMatching(/kernel|first-message/), stage: 'os.syslog', replayed: 0, end: null })
    expect(Math.abs(Date.parse(session.boot_time!) - (bootedMs - 4239))).toBeLessThan(3000)
    expect(said).toMatchObject({ method: 'registered-address' })
    expect(await hub.searchAll(`session:#${session.id}`)).toHaveLength(session.messages)
  }
})

test('dmesg | logger opens no session, and says that it was known', async () => {
  writeFileSync(join(alpine.folder, 'dmesg'), RING.map(({ text }) => `${text}\n`).join(''))
  const before = await onlySession(alpine.name)
  await alpine.sh(`logger -t dmesg -f '${alpine.folder}/dmesg'`)
  await untilFound(hub, `node:${alpine.name} app:dmesg`, RING.length)
  const [session] = await untilSessions(alpine.name, 'replayed', ([first]) => first!.replayed > 100)
  expect(await onlySession(alpine.name)).toMatchObject({ id: before.id, hash: session!.hash, end: null, messages: before.messages + RING.length })
})

test('a journal of two boots opens two sessions, and none when it is imported again', async () => {
  const [firstMs, secondMs] = [Date.now() - 5 * HOUR_MS, Date.now() - 2 * HOUR_MS]
  const lines = [...asJournal(RING, { host: importer.name, bootMs: firstMs }), ...asJournal(nextBoot(0.0031), { host: importer.name, bootMs: secondMs })]
  await using _first = await importFile(importer, { port, lines })
  const [second, first, ...more] = await untilSessions(importer.name, 'two boots', (sessions) => sessions.reduce((sum, { messages }) => sum + messages, 0) >= lines.length)
  expect(more).toEqual([])
  expect(Math.abs(Date.parse(first!.boot_time!) - firstMs)).toBeLessThan(1000)
  expect(Math.abs(Date.parse(second!.boot_time!) - secondMs)).toBeLessThan(1000)
  expect(first).toMatchObject({ state: 'ended', end: 'superseded', replayed: 0 })

  await using _again = await importFile(importer, { port, lines })
  const again = await untilSessions(importer.name, 'both replayed', (sessions) => sessions.every(({ replayed }) => replayed > RING.length * 0.9))
  expect(again.map(({ id }) => id)).toEqual([second!.id, first!.id])
  expect(again.reduce((sum, { messages }) => sum + messages, 0)).toBe(2 * lines.length)
})

test('a boot that the node announces has the hash that the node computes, is labelled, ended, and followed by the next', async () => {
  const hpsLog = `HPS_HUB=http://${announcer.hubAddress}:${hub.httpPort} ${ROOT}/node/hps-log.sh`
  const label = (await announcer.sh(`${hpsLog} announce install`)).trim()
  const [start] = await untilFound(hub, `app:hps-session node:${announcer.name}`)
  const bootTime = /boot_time=(\d+)/.exec(start!.text)![1]!
  expect(label).toBe((await announcer.sh(`echo "$(hostname):${bootTime}" | sha256sum | cut -c1-6`)).trim())
  expect(await hub.json(`/api/v1/sessions/${label}`)).toMatchObject({ node: announcer.name, hash: label, origin: 'announcement', kind: 'install', boot_time: new Date(Number(bootTime) * 1000).toISOString(), messages: 1 })
  // The same boot, told again because a daemon was restarted.
  await announcer.sh(`${hpsLog} announce install`)
  await announcer.sh(`HPS_SESSION=${label} ${hpsLog} log warning 'disk is slow' n_install`)
  await announcer.sh(`HPS_SESSION=${label} ${hpsLog} stage packages 'installing'`)
  const [slow] = await untilFound(hub, `session:${label} "disk is slow"`)
  expect(slow).toMatchObject({ node: announcer.name, method: 'token', severity: 'warning' })
  await until('the stage', async () => (await onlySession(announcer.name)).stage === 'packages')

  await announcer.sh(`${hpsLog} end reboot && logger -t systemd 'shutdownword unmounting'`)
  expect((await untilFound(hub, 'shutdownword'))[0]).toMatchObject({ session: label })
  expect(await onlySession(announcer.name)).toMatchObject({ state: 'ended', end: 'reboot' })

  // The next boot: an uptime of three seconds and a boot id of its own.
  await announcer.sh(`mkdir -p /dev/next/sys/kernel/random && echo '3.21 5.00' >/dev/next/uptime && cat /proc/sys/kernel/random/uuid >/dev/next/sys/kernel/random/boot_id`)
  const nextLabel = (await announcer.sh(`HPS_PROC=/dev/next ${hpsLog} announce`)).trim()
  await announcer.sh(`logger -t sshd 'nextword Server listening'`)
  expect((await untilFound(hub, 'nextword'))[0]).toMatchObject({ session: nextLabel })
  const [next, ended, ...more] = await sessionsOf(announcer.name)
  expect([next!.hash, ended!.hash, more]).toEqual([nextLabel, label, []])
  expect(nextLabel).not.toBe(label)
  expect(next).toMatchObject({ kind: 'boot', end: null })

  // A label of the ended boot still says where a message belongs; on another machine it is not followed.
  await announcer.sh(`HPS_SESSION=${label} ${hpsLog} log info 'lateword from the installer'`)
  expect((await untilFound(hub, 'lateword'))[0]).toMatchObject({ session: label, method: 'token' })
  const before = await hub.metrics()
  await alpine.sh(`logger -t root '[s=${label}] strangeword'`)
  expect((await untilFound(hub, 'strangeword'))[0]).toMatchObject({ node: alpine.name, method: 'registered-address' })
  expect(sumOf(await hub.metrics(), 'hps_sessions_labels_refused_total', 'contradiction')).toBe(sumOf(before, 'hps_sessions_labels_refused_total', 'contradiction') + 1)
})

test('a hash of two sessions is answered with the choice; a session that is joined is followed', async () => {
  const [, announced] = await sessionsOf(announcer.name)
  const bootTime = Date.parse(announced!.boot_time!) / 1000
  // A copy of the machine, registered as another, says the same name and time.
  await importer.sh(`logger -n ${importer.hubAddress} -P ${port} -d -t hps-session 'start host=${announcer.name} boot_time=${bootTime}'`)
  await untilFound(hub, `app:hps-session node:${importer.name}`)
  const answer = await hub.get(`/api/v1/sessions/${announced!.hash}`)
  expect(answer.status).toBe(409)
  const fault = (await answer.json()) as { choices: readonly SessionView[] }
  expect(fault.choices.map(({ node }) => node).sort()).toEqual([announcer.name, importer.name])

  const [next] = await sessionsOf(announcer.name)
  const joined = await hub.json<SessionView>(`/api/v1/sessions/${idOf(announced!)}/join`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ into: `#${next!.id}` }) })
  expect(joined).toMatchObject({ id: next!.id, joined: [announced!.id] })
  for (const name of [next!.hash, `#${next!.id}`, `#${announced!.id}`]) {
    const texts = (await hub.searchAll(`session:${name} node:${announcer.name}`)).map(({ text }) => text).join('\n')
    for (const word of ['nextword', 'shutdownword', 'lateword', 'disk is slow']) expect(texts, `session:${name}`).toContain(word)
  }
  expect(await onlySession(announcer.name)).toMatchObject({ id: next!.id, messages: announced!.messages + next!.messages })
})

test('did my log arrive: the node is told, another node is not', async () => {
  const key = 'ackword-4711'
  const ask = (machine: Machine, wait: number, asked = key) => machine.sh(`curl -sS 'http://${machine.hubAddress}:${hub.httpPort}/boot/v1/log/ack?key=${asked}&wait=${wait}'`)
  const waiting = ask(alpine, 10)
  await alpine.sh(`logger -t hps-ack ${key}`)
  const session = await onlySession(alpine.name)
  expect((await waiting).trim()).toMatch(new RegExp(`^logged seq=\\d+ .*node=${alpine.name} session=${session.hash} source=${alpine.address}`))
  // as a key that nobody sent, to a node and to a machine that nobody knows
  const unknown = 'ackword-0815'
  const without = (answer: string, asked: string) => answer.replace(asked, 'KEY').replace(/@[^, ]+/g, '')
  for (const other of [announcer, stranger]) {
    expect(await ask(other, 1)).toMatch(new RegExp(`^not-logged key=${key} waited_ms=1000 complete=yes `))
    expect(without(await ask(other, 0), key)).toBe(without(await ask(other, 0, unknown), unknown))
  }
  // The node's own script asks in the same way.
  const said = await announcer.sh(`HPS_HUB=http://${announcer.hubAddress}:${hub.httpPort} ${ROOT}/node/hps-log.sh ack 10`)
  expect(said).toMatch(new RegExp(`^logger logged .* node=${announcer.name} `, 'm'))
})

test('a node may have a person told; one that nobody registered may not, which is counted and logged', async () => {
  const notify = (subject: string) => `notify to=ops severity=warning subject="${subject}" body="see smartctl\\nserial 1234"`
  await alpine.sh(`logger -t hps-trigger '${notify('disk sda is failing')}'`)
  await stranger.sh(`logger -n ${stranger.hubAddress} -P ${port} -d -t hps-trigger '${notify('give me a mail')}'`)
  await until('both commands', async () => sumOf(await hub.metrics(), 'hps_trigger_commands_total') === 2)
  const samples = await hub.metrics()
  for (const outcome of ['queued', 'unproven-node']) expect(sumOf(samples, 'hps_trigger_commands_total', `outcome="${outcome}"`), outcome).toBe(1)
  const { outbox } = await hub.json<{ outbox: readonly OutboxView[] }>('/api/v1/outbox')
  expect(outbox).toHaveLength(1)
  expect(outbox[0]).toMatchObject({ receiver: 'ops', channel: 'mail', subject: expect.stringContaining('disk sda is failing') })
  const [refused] = await untilFound(hub, 'app:hps-hub "trigger command refused"')
  expect(refused!.text).toContain('unproven-node')
  expect(refused!.text).toContain(stranger.name)
})

test('a kernel-log reader that is restarted hands over the whole ring with fresh stamps: no session', async () => {
  await untilClearlyLater(bootedMs)
  const before = await Promise.all([alpine, debian].map(({ name }) => onlySession(name)))
  await klogd(alpine, RING)
  await restartRsyslogd(RING)
  for (const { id, node, replayed } of before) {
    const after = (await untilSessions(node, 'replayed', (sessions) => sessions.some((session) => session.replayed >= replayed + RING.length - 5)))[0]!
    expect(await onlySession(node)).toMatchObject({ id, end: null, boot_time: after.boot_time })
    expect((await untilFound(hub, `app:hps-hub "came again" ${node}`)).length).toBeGreaterThan(0)
  }
  expect(sumOf(await hub.metrics(), 'hps_sessions_replayed_total', 'what="suspects"')).toBeGreaterThanOrEqual(2)
})

test('a node that is quiet keeps its session', async () => {
  const session = await until('the session to be quiet', async () => {
    const first = await onlySession(alpine.name)
    return first.state === 'quiet' && first
  })
  await alpine.sh(`logger -t cron 'quietword at last'`)
  expect((await untilFound(hub, 'quietword'))[0]).toMatchObject({ session: session.hash })
  expect(await onlySession(alpine.name)).toMatchObject({ id: session.id, state: 'open', end: null })
})

test('what a disk queue delivers late, and a ring that was read anew meanwhile, belong to the same session', async () => {
  const before = await onlySession(debian.name)
  const { code } = await hub.stop()
  expect(code).toBe(0)
  // Into a connection that the other side has closed TCP takes a message and loses it: rsyslogd notices by the next one.
  await until('rsyslogd to notice', async () => {
    await debian.sh('logger -t probe is the hub there')
    return rsyslogd.output().includes('Connection refused')
  }, { everyMs: 300 })
  await debian.sh(`for i in $(seq 1 ${QUEUED}); do echo "queueword number $i"; done | logger -t dracut`)
  await restartRsyslogd(RING)
  await debian.sh(`logger -t sshd 'lastqueueword'`)
  await delay(DOWN_MS)
  hub = await startHub(place)
  await untilFound(hub, 'lastqueueword')
  const after = (await untilSessions(debian.name, 'replayed', (sessions) => sessions.some(({ replayed }) => replayed > before.replayed + MOST)))[0]!
  expect(await onlySession(debian.name)).toMatchObject({ id: before.id, hash: after.hash, end: null })
  await until('the queue to be empty', async () => {
    const texts = (await hub.searchAll(`session:#${before.id} queueword app:dracut`)).map(({ text }) => text)
    if (new Set(texts).size === QUEUED) return true
    throw new Error(JSON.stringify(texts.map((text) => Number(text.split(' ').at(-1)))))
  })
  expect(await hub.search(`node:${debian.name} queueword -session:#${before.id}`)).toEqual([])
})

test('a reboot that nobody announced opens a session, also when the hub heard of it late', async () => {
  const before = await Promise.all([alpine, debian].map(({ name }) => onlySession(name)))
  await hub.stop()
  await restartRsyslogd(nextBoot(0.0047))
  await delay(RING_IS_READ_MS)
  await debian.sh(`logger -t sshd 'rebootword of ${debian.name}'`)
  await delay(DOWN_MS)
  hub = await startHub(place)
  await klogd(alpine, nextBoot(0.0021))
  await alpine.sh(`logger -t sshd 'rebootword of ${alpine.name}'`)
  const rebootedMs = Date.now()
  for (const { id, node } of before) {
    const [next, last, ...more] = await untilSessions(node, 'two sessions', (sessions) => sessions.length === 2)
    expect(more).toEqual([])
    expect(next).toMatchObject({ origin: 'kernel', end: null })
    expect(last).toMatchObject({ id, state: 'ended', end: 'superseded' })
    const [said] = await untilFound(hub, `rebootword node:${node}`)
    expect((await hub.search(`session:#${next!.id} rebootword`)).map(({ seq }) => seq)).toEqual([said!.seq])
    // rsyslogd hands over a message or two of its queue twice.
    expect((await hub.search(`session:#${next!.id} app:kernel "Linux version"`)).length).toBeGreaterThan(0)
    expect(next!.replayed).toBeLessThan(FEW)
  }

  // The hub is killed before it has written all of this down, and the readers hand over the ring once more.
  await hub.kill()
  hub = await startHub(place)
  const known = await Promise.all(before.map(({ node }) => sessionsOf(node)))
  await untilClearlyLater(rebootedMs)
  await klogd(alpine, nextBoot(0.0021))
  await restartRsyslogd(nextBoot(0.0047))
  for (const sessions of known) {
    const after = await untilSessions(sessions[0]!.node, 'replayed', ([first]) => first!.replayed > MOST)
    expect(after.map(({ id }) => id)).toEqual(sessions.map(({ id }) => id))
  }
})
