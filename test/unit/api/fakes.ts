import { createHealth, createMetrics, silentLogger, type MetricDeclaration } from '#telemetry/index.ts'
import { API_METRICS, createApi, type Api, type ApiParts, type Caller, type ExportedMessage, type ExportEnd, type LoggedView, type LossesView, type MessageView, type NodeView, type NotLoggedView, type Pages, type SessionDetail, type SessionView, type ShedView, type SinkView, type SourceDetail, type SourceView, type TailItem } from '#api/index.ts'
import type { HttpConfig } from '#api/config.ts'
import { AppFault } from '#domain/fault.ts'
import { fakeAlerts, fakeAlertSilences } from './fake-alerts.ts'
import { fakeStudy } from './fake-study.ts'
import { fakeWhy } from './fake-why.ts'
import { fakeOutbox, fakeRules } from './fake-triggers.ts'
import { fakeSilences } from './fake-silences.ts'

export const NOW_MS = Date.parse('2026-11-22T03:04:05.000Z')
export const OPERATOR = 'hps_op_' + 'o'.repeat(43)
export const VIEWER = 'hps_vw_' + 'v'.repeat(43)
export const SCRAPER = 'hps_mt_' + 'm'.repeat(43)
export const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` })

export const message = (over: Partial<MessageView> = {}): MessageView => ({
  seq: 7, received: '2026-11-22T03:04:05.000Z', sent: null, node: 'tch-001', session: 'a1b2c3', source: '10.0.0.7', method: 'lease', confidence: 95,
  facility: 'kern', severity: 'warning', host: 'tch-001', app: 'kernel', procid: '', msgid: '', structured_data: '', label: '', format: 'rfc3164', faults: ['no-year'],
  text: 'eth0: link is down', ...over,
})
export const node = (over: Partial<NodeView> = {}): NodeView => ({
  id: 1, name: 'tch-001', registered: true, macs: ['52:54:00:00:00:07'], addresses: [{ address: '10.0.0.7', kind: 'lease' }], aliases: [], labels: { rack: '3.20' },
  profile: 'thin', expected_state: 'running', state: 'configured', state_since: '2026-11-22T03:00:00.000Z', last_seen: '2026-11-22T03:04:05.000Z', session: 'a1b2c3', clock: { offset_ms: -40, confirmed: '2026-11-22T03:04:05.000Z' }, ...over,
})
export const sessionDetail = (): SessionDetail => ({
  ...session(),
  stages: [
    { stage: 'dhcp.discover', at: '2026-11-22T03:00:00.000Z', seq: 4, by: 'dhcp', since_boot_ms: 0 },
    { stage: 'decide', at: '2026-11-22T03:00:09.500Z', seq: null, by: 'decision', since_boot_ms: 9500 },
  ],
})

export const session = (over: Partial<SessionView> = {}): SessionView => ({
  id: 3, hash: 'a1b2c3', hashes: ['a1b2c3'], node: 'tch-001', kind: 'boot', origin: 'decision', state: 'open', end: null, opened: '2026-11-22T03:00:00.000Z', ended: null,
  boot_time: null, stage: 'kernel.up', messages: 40, replayed: 0, first_seq: 1, last_seq: 40, last_message: '2026-11-22T03:04:05.000Z', joined: [], completeness: { verdict: 'gaps', reasons: [{ reason: 'missing', count: 3, text: '3 messages missing by the numbers of the sender.' }] }, pinned: null, ...over,
})

export const logged = (over: Partial<LoggedView> = {}): LoggedView => ({
  logged: true, key: 'known-key-1', seq: 9, received: '2026-11-22T03:04:05.000Z', stored_ms: 4, transport: 'udp', tls: false, listener: 'udp', framing: 'datagram', dialect: 'rfc3164',
  deviations: ['no-year', 'no-zone'], node: 'tch-001', session: 'a1b2c3', source: '10.0.0.7', certificate: null, method: 'lease', confidence: 95, sent: '2026-11-22T03:04:04.000Z', ahead_ms: -1000,
  cut: false, doubled: false, arrivals: 1, ...over,
})
export const notLogged = (over: Partial<NotLoggedView> = {}): NotLoggedView => ({
  logged: false, key: 'other-key-1', waited_ms: 0, complete: true, address: '10.0.0.7', heard: [{ transport: 'udp', listener: 'udp', at: '2026-11-22T03:04:00.000Z' }],
  malformed: { transport: 'udp', listener: 'udp', at: '2026-11-22T03:03:00.000Z' }, check: [{ name: 'bad-key', means: 'A message came whose text is no key.' }, { name: 'no-wait', means: 'Add wait=10.' }], ...over,
})

export const sink = (): SinkView => ({
  name: 'all', kind: 'file', path: '/var/log/hps.log', to: '/var/log/hps.log', format: 'text', query: null, state: 'stopped', seq: 7, backlog: 3, written: 5, bytes: 600, rotations: 1, lost: 2,
  errors: {}, upstream: null, lost_ranges: [{ from_seq: 1, to_seq: 2 }], last_error: { reason: 'full', detail: 'no space left', at: '2026-11-22T03:04:05.000Z' },
})
export const source = (): SourceView => ({
  id: 1, address: '10.0.0.7', transport: 'udp', listener: 'udp', certificate: null, roles: ['node'], first_seen: '2026-11-22T03:00:00.000Z', last_seen: '2026-11-22T03:04:05.000Z', messages: 40, faulty: 0, conflicts: 0,
  dialects: [{ name: 'rfc3164', share: 1 }], worst: { name: 'no-year', share: 1 }, zone: { name: '+01:00', by: 'learned' }, clock: { offset_ms: -40, confirmed: '2026-11-22T03:04:05.000Z' },
  per_minute: 8.25, mean_per_minute: 10,
})
export const losses = (): LossesView => ({
  since: '2026-11-21T03:04:05.000Z', until: null, verdict: '3 messages were lost.', lost: 3, shed: 3, dropped: 0, cut: 0, missing: 0, passed_over: 0, doubled: 0,
  reasons: [{ reason: 'shed', kind: 'lost', count: 3, means: 'Left out.', mend: 'Quieten it.', first: '2026-11-22T03:00:00.000Z', last: '2026-11-22T03:04:05.000Z' }],
  by: 'source',
  groups: [{
    key: '1', name: '10.0.0.7 by udp', lost: 3, shed: 3, dropped: 0, cut: 0, missing: 0, passed_over: 0, doubled: 0, reasons: [{ reason: 'shed', count: 3 }],
    first: '2026-11-22T03:00:00.000Z', last: '2026-11-22T03:04:05.000Z', ever: { received: 43, stored: 40, lost: 3 },
  }],
  others: 0,
})
export const shed = (): ShedView => ({ source_id: 1, source: '10.0.0.7', template: '00000001000000ff', severity: 'debug', count: 3, first: '2026-11-22T03:00:00.000Z', last: '2026-11-22T03:04:05.000Z', sample: '<15>loud' })
export const sourceDetail = (): SourceDetail => ({
  ...source(),
  node: 'tch-001',
  forms: [{
    format: 'rfc3164', means: 'BSD syslog', deviations: [{ name: 'no-year', kind: 'lack', means: 'The stamp has no year.', mend: 'Use ISO stamps.' }],
    messages: 40, share: 1, first: '2026-11-22T03:00:00.000Z', last: '2026-11-22T03:04:05.000Z', last_seq: 7, sample: message(),
  }],
  zones: [{ host: 'tokyo', zone: '+09:00', since: '2026-11-22T03:00:00.000Z', confirmed: '2026-11-22T03:04:05.000Z' }],
})

/** What the fakes were asked, for assertions. */
export interface Calls {
  readonly searches: unknown[]
  readonly ingests: { readonly address: string; readonly form: string; readonly text: string }[]
  readonly acks: { readonly key: string; readonly waitMs: number; readonly caller: Caller }[]
  readonly sets: unknown[]
  readonly facts: unknown[]
  readonly logged: string[]
  readonly revoked: number[]
  readonly tails: { readonly query: string; readonly afterSeq?: number | undefined; deliver(item: TailItem): boolean; ended: boolean }[]
}

const ROLES = { [OPERATOR]: 'operator', [VIEWER]: 'viewer', [SCRAPER]: 'metrics' } as const

/** Parts that a test may change before it asks. */
export type FakeParts = { -readonly [Room in keyof ApiParts]: ApiParts[Room] extends (...all: never[]) => unknown ? ApiParts[Room] : { -readonly [Part in keyof ApiParts[Room]]: ApiParts[Room][Part] } }

const fakeDoctor = (): ApiParts['doctor'] => ({
  queues: async () => [{ name: 'batches', unit: 'batches', bound: 10, fill: 9, peak: 10, full: 'drops', means: 'Batches.', when_full: 'Datagrams are lost.', counter: 'hps_x_total{reason="full"}', counted: 3 }],
  examine: async () => ({ version: '0.1.0', host: 'hub', started: '2026-11-22T03:04:05.000Z', now: '2026-11-22T03:04:05.000Z', verdict: 'warn', checks: [{ name: 'mail', verdict: 'warn', finding: 'no SMTP server', mend: 'set mail.host' }, { name: 'disk', verdict: 'ok', finding: '5 GB free', mend: null }] }),
})

/** Two pages; the query `damaged` ends as one that passed something over. */
async function* exportOf(query: string): AsyncGenerator<readonly ExportedMessage[], ExportEnd> {
  yield [{ raw: Buffer.from('<13>one\ntwo'), view: () => message({ text: 'one\ntwo' }) }]
  yield [{ raw: new Uint8Array([0, 255]), view: () => message({ seq: 8 }) }]
  return { reason: query === 'damaged' ? 'damaged' : null }
}

/** An `ApiParts` of fakes: tokens above, node tch-001 at 10.0.0.7, boot network 10.0.0.0/8. */
export function fakeParts({ extraMetrics = [] }: { readonly extraMetrics?: readonly MetricDeclaration[] } = {}): { parts: FakeParts; calls: Calls; clock: { nowMs: number } } {
  const calls: Calls = { searches: [], ingests: [], acks: [], sets: [], facts: [], logged: [], revoked: [], tails: [] }
  const clock = { nowMs: NOW_MS }
  const dead = new Set<number>()
  const children = new Map<string, { role: 'operator' | 'viewer' | 'metrics'; tokenId: number; label: string }>()
  const health = createHealth()
  health.register('store', () => ({ status: 'pass' }))
  health.register('mail', () => ({ status: 'warn', reason: 'smtp.example.org refuses' }))
  const record = (level: string) => (fields: Readonly<Record<string, unknown>>, text: string) => void calls.logged.push(`${level} ${text} ${JSON.stringify(fields)}`)
  const parts: FakeParts = {
    log: { ...silentLogger, debug: record('debug'), info: record('info'), warn: record('warn'), error: record('error') },
    metrics: createMetrics([...API_METRICS, ...extraMetrics]),
    health,
    doctor: fakeDoctor(),
    clock: () => clock.nowMs,
    about: { version: '0.1.0', startedMs: NOW_MS, hostName: 'hub.provisioning.example.org' },
    logs: {
      search: async (request) => {
        calls.searches.push({ query: request.query, limit: request.limit, order: request.order, cursor: request.cursor })
        return { messages: [message()], cursor: 'next', complete: true, reason: null, scanned: 12, query: request.query, broader: null }
      },
      count: async ({ query, by, step, limit, onProgress, signal }) => {
        calls.searches.push({ query, by, step, limit })
        if (query === 'nonsense:') throw new AppFault('bad-query', 'column 1: there is no field', { detail: { faults: [{ column: 1 }] } })
        onProgress?.({ done: 5, total: 10 })
        if (query === 'slow') await new Promise((resolve) => signal?.addEventListener('abort', resolve, { once: true }))
        const reason = signal?.aborted === true ? 'cancelled' : null
        return { total: 3, by, groups: [{ keys: ['tch-001'], count: 2 }, { keys: [null], count: 1, pattern: 'link is *', example: message() }], distinct: 2, bounded: false, others: 0, complete: reason === null, reason, scanned: 10, query, step_ms: null, from: null, until: null }
      },
      async export({ query }) {
        calls.searches.push({ query })
        if (query === 'nonsense:') throw new AppFault('bad-query', 'column 1: there is no field')
        return exportOf(query)
      },
      message: async (seq) => {
        if (seq === 404) throw new AppFault('not-found', 'There is no message 404')
        if (seq === 500) throw new Error('the secret inside')
        return message({ seq })
      },
      raw: async () => new Uint8Array([0x3c, 0x31, 0x33, 0x3e, 0x00, 0xff, 0x0a]),
      context: async (seq, before, after) => [message({ seq: seq - before }), message({ seq }), message({ seq: seq + after })],
      tail: async (request) => {
        const tail = { ...request, ended: false }
        calls.tails.push(tail)
        return () => void (tail.ended = true)
      },
      ingest: async ({ address, form, bytes }) => {
        const text = Buffer.from(bytes).toString()
        calls.ingests.push({ address, form, text })
        return { messages: text.split('\n').filter(Boolean).length, cut: 0 }
      },
      ack: async ({ key, waitMs, caller }) => {
        calls.acks.push({ key, waitMs, caller })
        return key === 'known-key-1' ? logged() : notLogged({ key, waited_ms: waitMs })
      },
    },
    nodes: {
      list: async () => [node()],
      node: async (name) => node({ name }),
      history: async () => [{ at: '2026-11-22T03:00:00.000Z', from: 'held', to: 'configured', event: 'op.configure', evidence: 'A', actor: 'operator', reason: 'set by hand', message_seq: 7, session: 'a1b2c3' }],
      set: async (name, change, actor) => {
        calls.sets.push({ name, change, actor })
        return node({ name })
      },
      import: async (nodes) => ({ created: nodes.length, changed: 0 }),
    },
    sessions: {
      list: async () => [session()],
      session: async (id) => {
        if (id === 'abcabc') throw new AppFault('ambiguous', 'abcabc fits two sessions', { detail: { choices: ['#3', '#4'] } })
        return sessionDetail()
      },
      join: async () => session({ joined: [4] }),
      pin: async (_, note, by) => session({ pinned: { note, by, at: '2026-11-22T03:04:05.000Z' } }),
      unpin: async () => session(),
    },
    sources: {
      list: async () => [source()],
      async source(name) {
        if (name === '10.0.0.8') throw new AppFault('not-found', 'Nobody has sent a message from 10.0.0.8')
        return sourceDetail()
      },
    },
    losses: { losses: async ({ by }) => ({ ...losses(), by }), shed: async () => [shed()] },
    silences: fakeSilences(),
    sinks: async () => [sink()],
    tokens: {
      authenticate(secret) {
        const role = ROLES[secret as keyof typeof ROLES]
        const found = role === undefined ? children.get(secret) : { role, tokenId: Object.keys(ROLES).indexOf(secret) + 1, label: `the ${role}` }
        return found === undefined || dead.has(found.tokenId) ? undefined : found
      },
      nodeAt: async (address) => (address === '10.0.0.7' ? { nodeId: 1, name: 'tch-001' } : undefined),
      create(role, label, expiresMs) {
        const tokenId = 100 + children.size
        const secret = `hps_op_child${tokenId}`
        children.set(secret, { role, tokenId, label })
        return { secret, token: { id: tokenId, role, label, created: new Date(NOW_MS).toISOString(), expires: expiresMs === undefined ? null : new Date(expiresMs).toISOString(), last_used: null, revoked: null, revoked_why: null } }
      },
      list: () => [],
      revoke: (id) => {
        dead.add(id)
        calls.revoked.push(id)
      },
    },
    boot: {
      decide: async (facts) => {
        calls.facts.push(facts)
        if (facts.mac === undefined) return { outcome: 'refuse', why: 'no MAC was sent', node: null, session: null, state: null }
        if (facts.mac.endsWith(':99')) return { outcome: 'wait', why: 'not configured yet', node: 'new-1', session: null, state: 'discovered', retryAfterSeconds: 10 }
        return { outcome: 'boot', why: 'profile thin', node: 'tch-001', session: 'a1b2c3', state: 'configured', kernelUrl: `${facts.hubUrl}/boot/v1/asset/vmlinuz`, initrdUrls: [], args: 'quiet' }
      },
      script: (decision) => `#!ipxe\n# ${decision.outcome}\n`,
      bootstrap: (hubUrl) => `#!ipxe\nchain ${hubUrl}/boot/v1/decide\n`,
      asset: (path) => (path === 'vmlinuz' ? import.meta.filename : undefined),
      mayAsk: (address) => address.startsWith('10.'),
    },
    alerts: fakeAlerts(),
    alertSilences: fakeAlertSilences(),
    outbox: fakeOutbox(),
    store: fakeStore(),
    rules: fakeRules(),
    study: fakeStudy(),
    why: fakeWhy(),
  }
  return { parts, calls, clock }
}

export const CONFIG: HttpConfig = { address: '127.0.0.1', port: 0, max_body: '64KiB', max_streams: 2 }
export const PAGES: Pages = new Map([['index.html', { type: 'text/html; charset=utf-8', bytes: Buffer.from('<!doctype html>'), etag: '"1"' }]])

export function fakeApi(config: Partial<HttpConfig> = {}): { api: Api; calls: Calls; parts: FakeParts; clock: { nowMs: number } } {
  const fakes = fakeParts()
  return { ...fakes, api: createApi({ parts: fakes.parts, config: { ...CONFIG, ...config }, pages: PAGES, heartbeatMs: 20 }) }
}

/** A store with one job under way, which ends when it is cancelled. */
function fakeStore(): ApiParts['store'] {
  const job = { id: 1, kind: 'check', by: 'operator', state: 'running', started: '2026-11-22T03:04:05.000Z', ended: null, done: 3, total: 12, failure: null, result: null }
  return {
    stats: async () => ({
      messages: 12, sealed_messages: 8, first_seq: 1, last_seq: 12, oldest: '2026-11-22T03:00:00.000Z', newest: '2026-11-22T03:04:05.000Z', files: 1, file_bytes: 120, segments: 1, segment_bytes: 400,
      bytes_per_message: 43.3, sealed_bytes_per_message: 15, waiting_segments: 0, disk_bytes: 1e9, disk_free_bytes: 5e8, max_bytes: null, min_free_bytes: 5e7, retention_held: null, space_short: null,
      troubles: [], damaged: [], losses: [{ name: '2026-11-21.001.db.damaged', reason: 'file is not a database', at: '2026-11-22T03:00:00.000Z', from_seq: null, to_seq: 7, accepted: null, accepted_by: null }],
    }),
    start: ({ kind, by }) => ({ ...job, kind, by }),
    job(id) {
      if (id !== job.id) throw new AppFault('not-found', `There is no job ${id}`)
      return job
    },
    jobs: () => [job],
    cancel() {},
    async acceptLoss(name) {
      if (!name.endsWith('.damaged')) throw new AppFault('not-found', `No file ${name} is set aside`)
    },
  }
}
