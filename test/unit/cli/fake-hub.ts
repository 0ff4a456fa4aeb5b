import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { AckView, CountView, LoggedView, LossesView, MessageView, NodeView, SearchAnswer, SessionView, ShedView, SinkView, SourceDetail, SourceView, TokenView } from '#api/index.ts'
import { answerAlerts } from './fake-alerts.ts'
import { answerSilence } from './fake-silence.ts'

/** A hub in this process that speaks the API's shapes; what it holds and what it was asked are plain data. */
export interface FakeHub extends AsyncDisposable {
  readonly url: string
  readonly asked: { readonly method: string; readonly path: string; readonly parameters: Readonly<Record<string, string>>; readonly token: string | undefined; readonly lastEventId: string | undefined; readonly body: string }[]
  messages: MessageView[]
  sessions: SessionView[]
  nodes: NodeView[]
  losses: LossesView
  shed: ShedView[]
  /** Answers instead of the usual ones, by path. */
  refusals: Map<string, { readonly status: number; readonly problem: unknown }>
  /** What each connection to the stream gets, in order; the last one stays open. */
  streams: string[]
  complete: boolean
  count: CountView
  /** What an export gives; `isBroken`: the connection breaks behind it. */
  /** Set: a search only ends when this is called, by stopping it. */
  running?: (() => void) | undefined
  exported: { readonly text: string; readonly isBroken: boolean }
  ack: AckView
}

export const TOKEN = 'fake-token'

export const aMessage = (given: Partial<MessageView> = {}): MessageView => ({
  seq: 1, received: '2026-11-22T15:00:00.000Z', sent: null, node: 'tch-001', session: 'a1b2c3', source: '10.0.0.11', method: 'lease', confidence: 90, facility: 'daemon', severity: 'info',
  host: 'tch-001', app: 'sshd', procid: '702', msgid: '', structured_data: '', label: '', format: 'rfc3164', faults: [], text: 'Server listening on 0.0.0.0 port 22.', ...given,
})

export const aSession = (given: Partial<SessionView> = {}): SessionView => ({
  id: 7, hash: 'a1b2c3', hashes: ['a1b2c3'], node: 'tch-001', kind: 'boot', origin: 'dhcp', state: 'open', end: null, opened: '2026-11-22T14:59:00.000Z', ended: null, boot_time: '2026-11-22T14:59:10.000Z',
  stage: 'os.ready', messages: 2, replayed: 0, first_seq: 1, last_seq: 2, last_message: '2026-11-22T15:00:00.000Z', joined: [], completeness: { verdict: 'complete', reasons: [] }, pinned: null, ...given,
})

export const aNode = (given: Partial<NodeView> = {}): NodeView => ({
  id: 1, name: 'tch-001', registered: true, macs: ['52:54:00:00:00:01'], addresses: [{ address: '10.0.0.11', kind: 'lease' }], aliases: [], labels: { rack: 'r1' }, profile: 'thin', expected_state: null, state: 'running',
  state_since: '2026-11-22T15:00:00.000Z', last_seen: '2026-11-22T15:00:01.000Z', session: 'a1b2c3', clock: { offset_ms: -1500, confirmed: '2026-11-22T15:00:01.000Z' }, ...given,
})

export const aCount = (given: Partial<CountView> = {}): CountView => ({
  total: 3, by: ['node'], groups: [{ keys: ['tch-001'], count: 2 }, { keys: [null], count: 1 }], distinct: 2, bounded: false, others: 0, complete: true, reason: null, scanned: 3, query: '', step_ms: null, from: null, until: null, ...given,
})

export const noLosses = (): LossesView => ({
  since: '2026-11-21T15:00:00.000Z', until: null, verdict: 'Nothing was lost in the last 24h.', lost: 0, shed: 0, dropped: 0, cut: 0, missing: 0, passed_over: 0, doubled: 0, reasons: [], by: 'source', groups: [], others: 0,
})

export const aLoggedAck = (given: Partial<LoggedView> = {}): LoggedView => ({
  logged: true, key: 'key-00000001', seq: 17, received: '2026-11-22T15:00:00.000Z', stored_ms: 3, transport: 'tcp', tls: true, listener: 'secure', framing: 'octet-count', dialect: 'rfc5424', deviations: [],
  node: 'tch-001', session: 'a1b2c3', source: '10.0.0.11', certificate: 'tch-001.example.org', method: 'lease', confidence: 90, sent: '2026-11-22T14:59:58.500Z', ahead_ms: -1500, cut: false, doubled: false, arrivals: 1, ...given,
})

const aSource: SourceView = { id: 1, address: '10.0.0.11', transport: 'udp', listener: 'udp', certificate: null, roles: ['node'], first_seen: 'x', last_seen: 'y', messages: 5, faulty: 1, conflicts: 0,
  dialects: [{ name: 'rfc3164', share: 0.996 }, { name: 'raw', share: 0.004 }, { name: 'kmsg', share: 0.0001 }, { name: 'ipxe', share: 0.0001 }], worst: { name: 'bad-utf8', share: 0.2 }, zone: { name: '+01:00', by: 'learned' }, clock: { offset_ms: -1500, confirmed: 'z' }, per_minute: 2.04, mean_per_minute: 1,
}
const aSourceDetail: SourceDetail = {
  ...aSource, node: 'tch-001', zones: [{ host: 'tokyo\u001b[2J', zone: '+09:00', since: 'x', confirmed: 'y' }],
  forms: [
    { format: 'rfc3164', means: 'BSD syslog', deviations: [{ name: 'no-year', kind: 'lack', means: 'The stamp has no year.', mend: 'Use ISO stamps.' }, { name: 'joined', kind: 'note', means: 'Put together.', mend: '' }], messages: 4, share: 0.8, first: 'x', last: 'y', last_seq: 9, sample: aMessage({ text: 'beep \u001b[2J' }) },
    { format: 'raw', means: 'no header', deviations: [], messages: 1, share: 0.2, first: 'x', last: 'gone', last_seq: 2, sample: null },
  ],
}
const aSink: SinkView = {
  name: 'all', kind: 'file', path: '/var/log/hps.log', to: '/var/log/hps.log', format: 'text', query: null, state: 'stopped', seq: 7, backlog: 3, written: 5, bytes: 600, rotations: 1, lost: 0, errors: {}, upstream: null, lost_ranges: [],
  last_error: { reason: 'full', detail: 'no space left', at: 'x' },
}
const aToken: TokenView = { id: 9, role: 'viewer', label: 'wall display', created: 'x', expires: null, last_used: null, revoked: null, revoked_why: null }

export async function startFakeHub(): Promise<FakeHub> {
  const hub: Omit<FakeHub, 'url' | typeof Symbol.asyncDispose> = { asked: [], messages: [], sessions: [], nodes: [], losses: noLosses(), shed: [], refusals: new Map(), streams: [], complete: true, count: aCount(), exported: { text: '', isBroken: false }, ack: aLoggedAck() }
  const server = createServer((request, response) => void answer(hub, request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = async (): Promise<void> => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return Object.assign(hub, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, [Symbol.asyncDispose]: close })
}

async function answer(hub: Omit<FakeHub, 'url' | typeof Symbol.asyncDispose>, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url!, 'http://hub')
  const path = decodeURIComponent(url.pathname.replace('/api/v1', ''))
  const parameters = Object.fromEntries(url.searchParams)
  let body = ''
  for await (const chunk of request) body += String(chunk)
  const token = request.headers.authorization?.replace('Bearer ', '')
  hub.asked.push({ method: request.method!, path, parameters, token, lastEventId: request.headers['last-event-id'] as string | undefined, body })
  const json = (status: number, value: unknown): void => void response.writeHead(status, { 'content-type': status < 400 ? 'application/json' : 'application/problem+json' }).end(JSON.stringify(value))
  const refusal = hub.refusals.get(path)
  if (refusal !== undefined) return json(refusal.status, refusal.problem)
  if (token !== TOKEN) return json(401, { code: 'unauthorized', title: 'No valid token was sent', detail: 'send one', request_id: 'r-1' })
  if (path === '/logs/stream' || path === '/alerts/stream') return stream(hub, response)
  if (path === '/logs/running/s-1') {
    hub.running?.()
    return void response.writeHead(204).end()
  }
  if (path === '/logs' && hub.running !== undefined) return stopped(hub, response)
  if (path === '/logs') return json(200, search(hub, parameters))
  if (path === '/logs/export') {
    response.writeHead(200, { 'content-type': 'text/plain' }).write(hub.exported.text)
    return void (hub.exported.isBroken ? setTimeout(() => response.destroy(), 20) : response.end())
  }
  const raw = /^\/logs\/(\d+)\/raw$/.exec(path)
  if (raw !== null) return void response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(`<30>raw ${raw[1]} \u001b[2J`)
  const lists: Readonly<Record<string, unknown>> = { '/nodes': { nodes: hub.nodes }, '/sources': { sources: [aSource] }, '/sinks': { sinks: [aSink] }, '/tokens': { tokens: [aToken] }, '/losses': { ...hub.losses, by: parameters['by'] }, '/losses/shed': { shed: hub.shed }, '/sources/1': aSourceDetail, '/logs/ack': hub.ack, '/logs/count': hub.count }
  if (request.method === 'GET' && path in lists) return json(200, lists[path])
  if (path === '/sessions') return json(200, { sessions: hub.sessions.filter(({ id }) => id < Number(parameters['before'] ?? Infinity)).slice(0, Number(parameters['limit'])) })
  if (path.startsWith('/sessions/')) return json(200, hub.sessions[0])
  if (path === '/nodes/import') return json(200, { created: 1, changed: (JSON.parse(body) as { nodes: unknown[] }).nodes.length - 1 })
  if (path.endsWith('/history')) return json(200, { history: [] })
  if (path.startsWith('/nodes/')) return json(200, hub.nodes[0])
  if (path === '/tokens') return json(201, { secret: 'hps_secret', token: aToken })
  if (path.startsWith('/tokens/')) return void response.writeHead(204).end()
  if (answerAlerts({ method: request.method!, path, parameters, json })) return
  answerSilence({ method: request.method!, path, json })
}

/** A search with progress that ends when it is stopped, and answers with what it has. */
function stopped(hub: Pick<FakeHub, 'messages' | 'running'>, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.write('event: started\ndata: {"id":"s-1"}\n\nevent: progress\ndata: {"done":42,"total":100}\n\n')
  hub.running = () => response.end(`event: result\ndata: ${JSON.stringify({ messages: hub.messages, cursor: 'c', complete: false, reason: 'cancelled', scanned: 42, query: '', broader: null })}\n\n`)
}

/** Pages by seq; the cursor is the position in the list. */
function search(hub: Pick<FakeHub, 'messages' | 'complete'>, parameters: Readonly<Record<string, string>>): SearchAnswer {
  const ordered = parameters['order'] === 'oldest' ? hub.messages : hub.messages.toReversed()
  const from = Number(parameters['cursor'] ?? 0)
  const to = from + Number(parameters['limit'])
  return { messages: ordered.slice(from, to), cursor: to < ordered.length ? String(to) : null, complete: hub.complete, reason: hub.complete ? null : 'deadline', scanned: ordered.length, query: parameters['q'] ?? '', broader: null }
}

function stream(hub: Pick<FakeHub, 'streams'>, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const isLast = hub.streams.length <= 1
  response.write(hub.streams.shift() ?? ': nothing\n\n')
  if (!isLast) response.end()
}
