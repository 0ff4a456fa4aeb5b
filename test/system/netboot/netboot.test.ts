import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { MessageView, NodeHistoryView, NodeView, SessionView } from '../../../src/api/parts.ts'
import { run, startChild, until, type Child } from '../../support/child.ts'

const HERE = fileURLToPath(new URL('.', import.meta.url))
const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const MAC = '52:54:00:12:34:56'
/** Half a boot under TCG takes 5 s on a quiet machine. */
const SLOW = { withinMs: 90_000, everyMs: 200 }

/**
 * One boot of a machine that nobody knew, from its first DHCP packet to its power-off: Debian's iPXE ROM and kernel in qemu,
 * Debian's dnsmasq and exim, and the hub as its users start it. The boot is done once; the tests look at what is left of it.
 */
describe('a machine that nobody knows boots', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hps-netboot-'))
  let lab: Child
  let machine: Child
  let told: readonly MessageView[] = []
  let sessions: readonly SessionView[] = []
  let history: readonly NodeHistoryView[] = []
  let heldAs: NodeView | undefined

  const inLab = async (...command: readonly string[]): Promise<string> => {
    const { code, output, stdout } = await run(join(HERE, 'lab.sh'), ['in', folder, ...command])
    if (code !== 0) throw new Error(`${command.join(' ')}: ${code}\n${output}`)
    return stdout
  }
  const hps = (...args: readonly string[]): Promise<string> => inLab(join(ROOT, 'hps'), '--data', join(folder, 'data'), ...args)
  const rows = async <T>(...args: readonly string[]): Promise<T[]> => (await hps(...args, '-o', 'json')).split('\n').filter(Boolean).map((line) => JSON.parse(line) as T)
  const nodes = (): Promise<NodeView[]> => rows<NodeView>('nodes', 'list')
  const exim = (...args: readonly string[]): Promise<string> => inLab('exim4', '-C', join(folder, 'exim.conf'), ...args)
  const end = (file: string): string => (existsSync(join(folder, file)) ? `--- ${file}\n${readFileSync(join(folder, file), 'latin1').slice(-3000)}` : `--- no ${file}`)

  beforeAll(async () => {
    const made = await run(join(HERE, 'setup.sh'), [])
    if (made.code !== 0) throw new Error(`setup.sh: ${made.output}`)
    lab = startChild(join(HERE, 'lab.sh'), [folder])
    try {
      await until('the lab is up', () => existsSync(join(folder, 'ready')) || (!lab.running() && Promise.reject(new Error(lab.output()))), SLOW)
      machine = startChild(join(HERE, 'lab.sh'), ['boot', folder])
      const asks = () => rows<MessageView>('logs', '-n', 'all', 'app:hps-boot', '"outcome=wait"')
      await until('the machine was told to wait three times', async () => (await asks()).length >= 3, SLOW)
      heldAs = (await nodes())[0]
      await hps('nodes', 'set', 'node01', '--mac', MAC, '--profile', 'lab')
      await until('the node runs', async () => (await nodes()).find((node) => node.state === 'running'), SLOW)
      await until('its session has ended', async () => (await rows<SessionView>('sessions')).find((session) => session.end === 'shutdown'), SLOW)
      await until('the mail is in the queue', async () => (await exim('-bp')).includes('provisioning@lab.test'), SLOW)
      // Judged by what the hub has, not by how qemu ends: the last lines of a machine that goes down come late, or hang.
      await Promise.race([machine.ended, delay(10_000)])
      await machine.stop()
      history = await rows<NodeHistoryView>('nodes', 'history', 'node01')
      await until('the session counts every message that the log has', async () => {
        told = await rows<MessageView>('logs', '-n', 'all', '--oldest', '--node', 'node01')
        sessions = await rows<SessionView>('sessions')
        return sessions.reduce((sum, session) => sum + session.messages, 0) === told.length
      })
    } catch (cause) {
      throw new Error([lab.output(), end('hub.log'), end('serial.log'), end('dnsmasq.err'), end('exim.out')].join('\n'), { cause })
    }
  }, 300_000)

  afterAll(async () => {
    await machine?.stop()
    await lab?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  test('it was held under the name of its MAC, and iPXE kept asking within one boot', () => {
    expect(heldAs).toMatchObject({ name: 'mac-525400123456', state: 'held', macs: [MAC], profile: null })
    const waits = told.filter(({ app, text }) => app === 'hps-boot' && text.startsWith('decide outcome=wait state=held '))
    expect(waits.length).toBeGreaterThanOrEqual(3)
    const pausesMs = waits.slice(1).map((wait, at) => Date.parse(wait.received) - Date.parse(waits[at]!.received))
    expect(Math.min(...pausesMs)).toBeGreaterThan(1500) // `hold_seconds` of the lab is 2
    const leasesBefore = told.filter(({ seq, text }) => seq < waits.at(-1)!.seq && text.includes('DHCPACK('))
    expect(leasesBefore).toHaveLength(1)
  })

  test('a wait is 503 with Retry-After, and the body says why', async () => {
    const ask = `fetch('http://10.77.0.1:8080/boot/v1/decide?mac=52-54-00-ff-ff-ff', { headers: { 'user-agent': 'iPXE/1.0' } })
      .then(async (answer) => console.log(JSON.stringify([answer.status, answer.headers.get('retry-after'), await answer.text()])))`
    const [status, retryAfter, body] = JSON.parse(await inLab(process.execPath, '-e', ask)) as [number, string, string]
    expect([status, retryAfter]).toEqual([503, '2'])
    expect(body).toMatch(/^#!ipxe\necho hps: wait: our DHCP has not been seen to lease 10\.77\.0\.1 to 52:54:00:ff:ff:ff/)
  })

  test('everything that was said of this boot is in one session, about the right node', () => {
    expect(sessions.filter(({ node }) => node === 'node01')).toHaveLength(1)
    const [session] = sessions
    expect(session).toMatchObject({ node: 'node01', kind: 'boot', origin: 'dhcp', stage: 'os.ready', end: 'shutdown', messages: told.length })
    expect(new Set(told.map(({ node, session: hash }) => `${node} ${hash}`))).toEqual(new Set([`node01 ${session!.hash}`]))
    expect(new Set(told.map(({ app }) => app))).toEqual(new Set(['dnsmasq-dhcp', 'hps-boot', 'kernel', 'hps-session', 'hps', 'hps-ack']))
    expect(told.filter(({ app }) => app === 'kernel').length).toBeGreaterThan(250)
  })

  test('and in the order in which it happened', () => {
    const steps: readonly (readonly [app: string, text: RegExp])[] = [
      ['dnsmasq-dhcp', /DHCPDISCOVER\(br0\) 52:54:00:12:34:56/],
      ['dnsmasq-dhcp', /DHCPACK\(br0\) 10\.77\.0\.\d+ 52:54:00:12:34:56/],
      ['hps-boot', /^decide outcome=wait state=held/],
      ['hps-boot', /^decide outcome=boot state=configured/],
      ['hps-boot', /^iPXE 1\.0\.0\+git-20190125\S* on pcbios i386/],
      ['hps-boot', /^kernel fetched/],
      ['hps-boot', /^initrd fetched/],
      ['hps-boot', /^kernel starts/],
      ['dnsmasq-dhcp', /vendor class: udhcp/],
      ['kernel', /Linux version 6\./],
      ['kernel', /Command line: .*hps\.session=[0-9a-f]{6}/],
      ['hps', /st=initramfs\.net\] network is up/],
      ['hps', /f=lab\] syslog arrives$/],
      ['hps', /st=os\.ready\] ready after/],
      ['hps-session', /^end reason=shutdown/],
    ]
    const found = steps.map(([app, text]) => told.find((message) => message.app === app && text.test(message.text)))
    expect(found.map((message, at) => (message === undefined ? steps[at] : 'there'))).toEqual(steps.map(() => 'there'))
    const order = found.map((message) => message!.seq)
    expect(order).toEqual([...order].sort((a, b) => a - b))
  })

  test('what the dumb parts say comes from whom it is: DHCP through its server, the machine from its own address', () => {
    const methods = new Map(told.map(({ app, source, method }) => [`${app} from ${source.replace(/\.\d+$/, '')}`, method]))
    expect(methods.get('dnsmasq-dhcp from 127.0.0')).toBe('subject')
    expect(methods.get('kernel from 10.77.0')).toMatch(/^(?:lease|token)$/)
    expect(methods.get('hps-boot from 10.77.0')).toMatch(/^(?:lease|token)$/)
  })

  test('the label that the boot decision put on the kernel command line still leads to the session', async () => {
    const line = told.find(({ app, text }) => app === 'kernel' && text.includes('Command line: '))!
    const label = /hps\.session=([0-9a-f]+)/.exec(line.text)![1]!
    const [session] = await rows<SessionView>('session', label) // its messages follow
    expect(session).toMatchObject({ id: sessions[0]!.id })
    expect(sessions[0]!.hashes).toContain(label)
  })

  test('its state went from held to configured to running, and the last step names the message that moved it', () => {
    expect([...history].reverse().map(({ from, to, event, evidence }) => [from, to, event, evidence])).toEqual([
      [null, 'held', 'boot.decide', 'B'],
      ['held', 'configured', 'op.configure', 'A'],
      ['configured', 'running', 'os.ready', 'B'],
    ])
    const ready = told.find(({ app, text }) => app === 'hps' && / ready after /.test(text))!
    expect(history[0]).toMatchObject({ message_seq: ready.seq, session: sessions[0]!.hash, actor: expect.stringMatching(/^rule:provision\.node-ready@/) as string })
  })

  test('the mail about it waits in the queue of the mail server', async () => {
    const queue = await exim('-bp')
    const id = /\b(\w{6}-\w{6}-\w{2}) <hps@lab\.test>/.exec(queue)?.[1]
    expect(queue).toContain('provisioning@lab.test')
    const mail = await exim('-Mvc', id!)
    expect(mail).toMatch(/^Subject: \[INFO\] node01 is ready$/m)
    expect(mail).toMatch(/^X-Hps-Node: node01$/m)
    expect(mail).toContain(sessions[0]!.hash)
  })
})
