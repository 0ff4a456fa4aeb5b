import { createHmac, timingSafeEqual } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { OutboxListView } from '#api/index.ts'
import { anAuthority } from '../support/certificates.ts'
import { run, until } from '../support/child.ts'
import { placeHub, ROOT, startHub, type HubPlace, type RunningHub } from '../support/hub.ts'
import { startAlertmanager } from '../support/peers/alertmanager.ts'
import { sendUdp } from '../support/senders.ts'
import { startWebReceiver, type TakenPost, type WebReceiver } from '../support/web-receiver.ts'

/** Webhooks of a hub to real web servers: signatures, the form of Alertmanager, and every answer that means something. */
const SECRETS = { old: Buffer.alloc(32, 'o'), new: Buffer.alloc(32, 'n') } as const
const TOKEN = 'tok-3f9a1c'
const RULES = `
format: 1
pack: lab
rules:
- id: lab.disk
  title: '{{node}}: {{disk}} failed'
  severity: critical
  when: {match: {app: kernel, regex: 'Disk failure on (?<disk>\\w+)'}}
  by: [node, disk]
  resolve: {match: {app: kernel, regex: '(?<disk>\\w+) is back'}}
  runbook: https://wiki.example.org/disk
  owner: storage team
  tests:
  - {name: a disk, steps: ['0s n1 kernel.crit: Disk failure on sdb', expect: {firing: {disk: sdb}}]}
`

/** Standard Webhooks 1.0, "Verifying signatures": the signed content is id, timestamp and body joined by dots; any one of the signatures may fit; five minutes are tolerated. */
function isVerified({ headers, body }: TakenPost, secret: Buffer, nowSeconds = Date.now() / 1000): boolean {
  const [id, timestamp, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => String(headers[name]))
  if (Math.abs(nowSeconds - Number(timestamp)) > 300) return false
  const wanted = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest()
  return signatures!.split(' ').some((part) => {
    const [version, value] = part.split(',')
    const given = Buffer.from(value ?? '', 'base64')
    return version === 'v1' && given.length === wanted.length && timingSafeEqual(given, wanted)
  })
}

let place: HubPlace
let hub: RunningHub
let web: WebReceiver
let tls: WebReceiver
const authority = anAuthority('Lab')
const folders: string[] = []
const tries = new Map<string, number>()
beforeAll(async () => {
  const { certificate, key } = authority.issue({ name: 'localhost' })
  tls = await startWebReceiver(undefined, { cert: certificate, key })
  web = await startWebReceiver(({ path }, response) => {
    const count = (tries.get(path) ?? 0) + 1
    tries.set(path, count)
    if (path === '/busy' && count === 1) return response.writeHead(429, { 'retry-after': '1' }).end('slow down'), true
    if (path === '/gone') return response.writeHead(410).end(), true
    if (path === '/moved') return response.writeHead(307, { location: '/elsewhere?secret=1' }).end(), true
    if (path === '/once-down' && count === 1) return response.destroy(), true
    return false
  })
  const rules = mkdtempSync(join(tmpdir(), 'hps-webhook-rules-'))
  folders.push(rules)
  place = await placeHub({ rules: { directories: [rules] }, http: { public_url: 'https://hub.example.org' } })
  mkdirSync(place.data, { recursive: true, mode: 0o700 })
  writeFileSync(join(rules, 'lab.yaml'), RULES)
  for (const name of ['old', 'new'] as const) writeFileSync(join(place.data, `${name}.secret`), `whsec_${SECRETS[name].toString('base64')}\n`)
  writeFileSync(join(place.data, 'token'), `${TOKEN}\n`)
  writeFileSync(join(place.data, 'ca.pem'), authority.certificate)
  const at = (path: string): string => `http://127.0.0.1:${web.port}${path}`
  const receiver = (name: string, more = ''): string => `- {name: ${name}, webhooks: [{name: hook, url: '${at(`/${name}`)}', allow_loopback: true${more}}]}`
  const route = (name: string, disk = name): string => `  - {match: {disk: ${disk}}, receiver: ${name}}`
  writeFileSync(join(place.data, 'routes.yaml'), `
format: 1
fallback: fallback
receivers:
${receiver('signed', ', secret_files: [new.secret, old.secret], token_file: token')}
${receiver('prometheus', ', form: alertmanager')}
${receiver('busy')}
${receiver('gone')}
${receiver('moved')}
${receiver('once-down')}
${receiver('fallback')}
- {name: closed, webhooks: [{name: hook, url: '${at('/closed')}'}]}
- {name: tls, webhooks: [{name: good, url: 'https://localhost:${tls.port}/good', ca_file: ca.pem, allow_loopback: true}, {name: unknown, url: 'https://localhost:${tls.port}/unknown', allow_loopback: true}]}
route:
  receiver: nobody
  group_by: [alert]
  wait: 0s
  interval: 0s
  routes:
${['signed', 'prometheus', 'busy', 'gone', 'moved', 'closed', 'tls'].map((name) => route(name)).join('\n')}
${route('once-down', 'oncedown')}
${route('gone', 'gone2')}
`)
  hub = await startHub(place)
}, 60_000)
afterAll(async () => {
  if (hub?.child.running()) await hub.kill()
  place?.remove()
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
  for (const server of [web, tls]) await server?.[Symbol.asyncDispose]()
})

const say = (text: string): Promise<void> => sendUdp(hub.syslogPort, [`<2>1 - tch-001 kernel - - - ${text}`])
const fails = (disk: string): Promise<void> => say(`md0: Disk failure on ${disk}, <script>`)
const posted = (path: string, count = 1): Promise<readonly TakenPost[]> => until(`${count} posts to ${path}`, () => web.to(path).length >= count && web.to(path))
const rowsOf = async (receiver: string): Promise<OutboxListView['outbox']> => (await hub.json<OutboxListView>(`/api/v1/outbox?receiver=${receiver}`)).outbox
const rowWhere = (receiver: string, state: string) => until(`a notice to ${receiver} that is ${state}`, async () => (await rowsOf(receiver)).find((row) => row.state === state))
const hps = (...args: readonly string[]) => run(join(ROOT, 'hps'), [...args, '--data', hub.data])

describe('a hub and web addresses', () => {
  test('what it posts is verified by either secret, by no other one, and not after it was changed', async () => {
    await fails('signed')
    const [post] = await posted('/signed')
    expect([isVerified(post!, SECRETS.new), isVerified(post!, SECRETS.old), isVerified(post!, Buffer.alloc(32, 'x'))]).toEqual([true, true, false])
    expect([isVerified({ ...post!, body: `${post!.body} ` }, SECRETS.new), isVerified(post!, SECRETS.new, Date.now() / 1000 + 600)]).toEqual([false, false])
    expect(post!.headers).toMatchObject({ 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` })
    const { data, ...told } = JSON.parse(post!.body) as { readonly type: string; readonly data: { readonly alerts: readonly unknown[] } }
    expect(told).toMatchObject({ type: 'alert.firing' })
    expect(data.alerts).toMatchObject([{ rule: 'lab.disk', state: 'firing', severity: 'critical', node: 'tch-001', title: 'tch-001: signed failed', text: 'md0: Disk failure on signed, <script>', owner: 'storage team', runbook: 'https://wiki.example.org/disk', url: expect.stringMatching(/^https:\/\/hub\.example\.org\/#\/alert\/\d+$/) }])
    await say('signed is back')
    const second = (await posted('/signed', 2))[1]!
    expect(isVerified(second, SECRETS.new)).toBe(true)
    expect(second.headers['webhook-id']).not.toBe(post!.headers['webhook-id'])
    expect(JSON.parse(second.body)).toMatchObject({ type: 'alert.resolved', data: { alerts: [{ telling: 'resolved' }] } })
  })

  test('the form of Alertmanager has the very fields of what Alertmanager itself sends', async () => {
    await using manager = await startAlertmanager(`http://127.0.0.1:${web.port}/peer`)
    await Promise.all([fails('prometheus'), manager.raise({ alertname: 'lab.disk', severity: 'critical', node: 'tch-001' }, { summary: 'x' })])
    const [[ours], [theirs]] = await Promise.all([posted('/prometheus'), posted('/peer')])
    expect(shapeOf(JSON.parse(ours!.body))).toEqual(shapeOf(JSON.parse(theirs!.body)))
    expect(ours!.headers['content-type']).toBe(theirs!.headers['content-type'])
    const told = JSON.parse(ours!.body) as { readonly alerts: readonly { readonly labels: object; readonly fingerprint: string; readonly endsAt: string }[] }
    expect(told).toMatchObject({ version: '4', status: 'firing', receiver: 'prometheus', alerts: [{ status: 'firing', labels: { alertname: 'lab.disk', severity: 'critical', node: 'tch-001', disk: 'prometheus' }, annotations: { summary: 'tch-001: prometheus failed' } }] })
    const peer = JSON.parse(theirs!.body) as typeof told
    expect([told.alerts[0]!.fingerprint.length, told.alerts[0]!.endsAt]).toEqual([peer.alerts[0]!.fingerprint.length, peer.alerts[0]!.endsAt.startsWith('0001') ? '0001-01-01T00:00:00Z' : expect.anything()])
    await say('prometheus is back')
    const over = JSON.parse((await posted('/prometheus', 2))[1]!.body) as typeof told
    expect(over).toMatchObject({ status: 'resolved', alerts: [{ status: 'resolved', fingerprint: told.alerts[0]!.fingerprint }] })
  })

  test('429 with a time, and a connection that breaks: it comes again under the same id, signed anew', async () => {
    await Promise.all([fails('busy'), fails('oncedown')])
    const [first, second] = await posted('/busy', 2)
    expect([second!.headers['webhook-id'], second!.body]).toEqual([first!.headers['webhook-id'], first!.body])
    expect(Number(second!.headers['webhook-timestamp'])).toBeGreaterThan(Number(first!.headers['webhook-timestamp']))
    await posted('/once-down', 2)
    expect((await rowWhere('busy', 'sent')).attempts).toBe(2)
  })

  test('410 ends it: the fallback is told, what follows waits, a person sees it and sends it again', async () => {
    await fails('gone')
    const dead = await rowWhere('gone', 'dead')
    const told = JSON.parse((await posted('/fallback'))[0]!.body) as unknown
    expect(told).toMatchObject({ type: 'notice.dead', data: { channel: 'webhook', to: 'gone', outbox: [dead.id], titles: ['tch-001: gone failed'], error: expect.stringContaining('410') } })
    await fails('gone2')
    expect((await rowWhere('gone', 'retry')).last_error).toContain('410')
    expect(web.to('/gone')).toHaveLength(1)
    const { output: shown } = await hps('outbox', 'show', String(dead.id))
    expect([shown.includes('tch-001: gone failed'), shown.includes('410')]).toEqual([true, true])
    // the routes that are read anew try it again
    hub.child.process.kill('SIGHUP')
    await until('the routes to be read', async () => {
      await hub.get(`/api/v1/outbox/${dead.id}/retry`, { method: 'POST' })
      return web.to('/gone').length > 1
    })
  })

  test('a redirect is not followed, this machine is not spoken to unasked, and each says why', async () => {
    await Promise.all([fails('moved'), fails('closed')])
    expect((await rowWhere('moved', 'retry')).last_error).toMatch(/redirect|307/)
    expect((await rowWhere('closed', 'retry')).last_error).toContain('allow_loopback')
    expect([web.to('/elsewhere?secret=1'), web.to('/closed')]).toEqual([[], []])
    expect(JSON.stringify(await rowsOf('moved'))).not.toContain('secret=1')
  })

  test('TLS by an authority of its own; without it the certificate is refused, and that notice alone waits', async () => {
    await fails('tls')
    await until('the post by TLS', () => tls.to('/good').length === 1)
    expect((await rowWhere('tls', 'retry')).last_error).toMatch(/certificate|signed/i)
    expect(tls.to('/unknown')).toEqual([])
  })

  test('a test of a receiver says what was answered, and no secret', async () => {
    const good = await hps('notify', '--test', 'signed', '--verbose')
    expect([good.code, good.output]).toEqual([0, expect.stringMatching(/^webhook hook: taken: 204/)])
    const asked = async (name: string): Promise<string> => (await hub.get(`/api/v1/receivers/${name}/test`, { method: 'POST' })).text()
    const bad = await asked('gone')
    expect(bad).toContain('410')
    const said = [good.output, bad, await asked('signed'), await (await hub.get('/api/v1/receivers')).text(), hub.child.output(), JSON.stringify(await rowsOf('signed'))].join('\n')
    for (const secret of [TOKEN, SECRETS.new.toString('base64'), SECRETS.old.toString('base64'), 'whsec_']) expect(said).not.toContain(secret)
    expect(isVerified(web.to('/signed').at(-1)!, SECRETS.new)).toBe(true)
    expect(JSON.parse(web.to('/signed').at(-1)!.body)).toMatchObject({ type: 'hub.test' })
  })
})

/** Names and kinds of values; what is free (labels, annotations) by kind alone. */
function shapeOf(value: unknown, name = ''): unknown {
  if (Array.isArray(value)) return value.length === 0 ? [] : [shapeOf(value[0])]
  if (typeof value !== 'object' || value === null) return typeof value
  if (/(?:labels|annotations)$/i.test(name)) return [...new Set(Object.values(value).map((one) => typeof one))].filter((kind) => kind !== 'string')
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shapeOf(inner, key)]))
}
