import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { simpleParser } from 'mailparser'
import { expect, test } from 'vitest'
import { until } from '../support/child.ts'
import { placeHub, startHub, sumOf } from '../support/hub.ts'
import { startSmtpServer } from '../support/mail/smtp-server.ts'

/** A switch dies: every node of a fleet of ten thousand has an alert within seconds, and later every one of them is over. */
const NODES = 10_000
/** A handful: each way a first mail, and what came while it was made. */
const MAX_MAILS = 8
const MAX_MAIL_BYTES = 60_000
const RULES = `
format: 1
pack: lab
rules:
- id: lab.link
  title: '{{node}}: link of {{iface}} is down'
  severity: error
  when: {match: {app: linkd, regex: 'link of (?<iface>\\w+) is down'}}
  by: [node, iface]
  resolve: {match: {app: linkd, regex: 'link of (?<iface>\\w+) is up'}}
  tests: [{name: one, steps: ['0s n1 linkd.err: link of eno1 is down', expect: {firing: {iface: eno1}}]}]
`

test('ten thousand alerts become a handful of mails, and so does their end', async () => {
  const rules = mkdtempSync(join(tmpdir(), 'hps-storm-'))
  await using server = await startSmtpServer()
  const place = await placeHub({
    rules: { directories: ['rules', rules] }, http: { public_url: 'https://hub.example.org' }, sessions: { max_seen_nodes: 2 * NODES },
    mail: { host: '127.0.0.1', port: server.port, tls: 'none', from: 'HPS hub <hps@hub.example.org>' },
  })
  writeFileSync(join(rules, 'lab.yaml'), RULES)
  mkdirSync(place.data, { recursive: true, mode: 0o700 })
  writeFileSync(join(place.data, 'routes.yaml'), 'format: 1\ndefault: ops\nreceivers:\n- {name: ops, mail: [ops@example.org]}\nroute: {receiver: ops, wait: 4s, interval: 4s, group_by: [rule]}\n')
  const hub = await startHub(place)
  try {
    const socket = connect(hub.syslogPort, '127.0.0.1')
    await once(socket, 'connect')
    const say = async (text: string): Promise<void> => {
      const lines = Array.from({ length: NODES }, (_, at) => `<3>1 - nde-${String(at).padStart(5, '0')} linkd - - - ${text}\n`)
      if (!socket.write(lines.join(''))) await once(socket, 'drain')
    }
    const alerts = async (name: string): Promise<number> => sumOf(await hub.metrics(), name)
    const subjects = () => Promise.all(server.mails.map(async ({ raw }) => (await simpleParser(raw)).subject ?? ''))
    await say('link of eno1 is down')
    await until('all alerts', async () => (await alerts('hps_alerts_opened_total')) >= NODES, { withinMs: 60_000 })
    await until('the mail about them', async () => (await subjects()).some((subject) => /^\[100 ERROR, \d+ MORE\] lab\.link$/.test(subject)))
    await say('link of eno1 is up')
    await until('all to be over', async () => (await alerts('hps_alerts_open')) === 0, { withinMs: 60_000 })
    await until('the mail about the end', async () => (await subjects()).some((subject) => subject.includes('RESOLVED')))
    // whatever is still told is told now: the group is empty
    await until('nothing to be left to tell', async () => (await hub.metrics()).get('hps_notify_waiting') === 0, { withinMs: 30_000 })
    expect(server.mails.length).toBeLessThanOrEqual(MAX_MAILS)
    expect(Math.max(...server.mails.map(({ raw }) => raw.length))).toBeLessThan(MAX_MAIL_BYTES)
    socket.destroy()
  } finally {
    await hub.kill()
    place.remove()
    rmSync(rules, { recursive: true, force: true })
  }
}, 180_000)
