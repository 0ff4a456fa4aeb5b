import type { SinkView } from '#api/index.ts'
import { formatUtc } from '#base/time.ts'
import { isForward, SINK_FAULTS, upstreamUrl, type SinkConfig, type SinksCommand, type SinksEvent, type SinkStatus, type UpstreamStatus } from '#sinks/index.ts'
import type { Health, Logger, Metrics, Queues } from '#telemetry/index.ts'

/** A forwarder that is this far behind is told of in health. */
const BEHIND_MS = 15 * 60_000

export interface SinkingOptions {
  readonly clock: () => number
  readonly configs: readonly SinkConfig[]
  readonly log: Logger
  readonly metrics: Metrics
  readonly health: Health
  readonly queues: Pick<Queues, 'register'>
  toSinks(command: SinksCommand): void
}

/** Main's end of the sinks: what they say reaches the log, health, metrics and the API. */
export interface Sinking {
  on(event: SinksEvent): void
  list(): Promise<readonly SinkView[]>
  /** Files were moved: open them anew. */
  reopen(): void
  /** Resolves when the sinks have written what they could. */
  stop(): Promise<void>
}

export function createSinking({ clock, configs, log, metrics, health, queues, toSinks }: SinkingOptions): Sinking {
  const stopped = Promise.withResolvers<void>()
  let known = new Map<string, SinkStatus>()
  for (const { name } of configs) {
    queues.register({
      name: `sink:${name}`, unit: 'messages', bound: undefined, fill: () => known.get(name)?.backlog ?? 0, full: 'waits', counter: `hps_sink_lost_total{sink="${name}"}`,
      means: 'Committed messages that the sink has not looked at yet.', whenFull: 'Bounded by the store alone: what retention removes before it was looked at is lost to the sink, and counted.',
    })
  }
  if (configs.length === 0) stopped.resolve()
  else {
    health.register('sinks', () => {
      const reasons = [...known.values()].flatMap((status) => faultsOf(status, clock()))
      return reasons.length === 0 ? { status: 'pass' } : { status: 'warn', reason: reasons.join('; ') }
    })
  }

  function measure(status: SinkStatus): void {
    const before = known.get(status.name)
    const labels = { sink: status.name }
    metrics.add('hps_sink_written_messages_total', labels, status.written - (before?.written ?? 0))
    metrics.add('hps_sink_written_bytes_total', labels, status.bytes - (before?.bytes ?? 0))
    metrics.add('hps_sink_rotations_total', labels, status.rotations - (before?.rotations ?? 0))
    metrics.add('hps_sink_lost_total', labels, status.lost - (before?.lost ?? 0))
    for (const reason of SINK_FAULTS) metrics.add('hps_sink_errors_total', { ...labels, reason }, status.errors[reason] - (before?.errors[reason] ?? 0))
    metrics.set('hps_sink_backlog_messages', status.backlog, labels)
    metrics.set('hps_sink_up', status.state === 'stopped' ? 0 : 1, labels)
    if (status.seq !== undefined) metrics.set('hps_sink_seq', status.seq, labels)
    if (status.upstream !== undefined) measureUpstream(status.upstream, before?.upstream, labels)
  }

  function measureUpstream(now: UpstreamStatus, before: UpstreamStatus | undefined, labels: { readonly sink: string }): void {
    metrics.add('hps_sink_sent_messages_total', labels, now.sent - (before?.sent ?? 0))
    metrics.add('hps_sink_resent_messages_total', labels, now.resent - (before?.resent ?? 0))
    metrics.add('hps_sink_connections_total', labels, now.connections - (before?.connections ?? 0))
    metrics.add('hps_sink_looped_messages_total', labels, now.looped - (before?.looped ?? 0))
    metrics.set('hps_sink_in_flight_messages', now.inFlight, labels)
    metrics.set('hps_sink_lag_seconds', lagMs(now, clock()) / 1000, labels)
  }

  return {
    on(event) {
      if (event.kind === 'log') return log[event.level](event.fields, event.message)
      if (event.kind === 'stopped') return stopped.resolve()
      for (const status of event.sinks) measure(status)
      known = new Map(event.sinks.map((status) => [status.name, status]))
    },
    list: async () => configs.map((config) => presentSink(config, known.get(config.name))),
    reopen: () => toSinks({ kind: 'reopen' }),
    stop() {
      toSinks({ kind: 'stop' })
      return stopped.promise
    },
  }
}

const lagMs = ({ oldestMs }: UpstreamStatus, nowMs: number): number => (oldestMs === undefined ? 0 : Math.max(0, nowMs - oldestMs))

function faultsOf({ name, state, lastError, backlog, upstream }: SinkStatus, nowMs: number): string[] {
  if (state === 'stopped') return [`${name} cannot write: ${lastError?.reason} (${backlog} messages wait)`]
  const behindMs = upstream === undefined ? 0 : lagMs(upstream, nowMs)
  return behindMs < BEHIND_MS ? [] : [`${name} is ${Math.floor(behindMs / 60_000)} minutes behind (${backlog} messages wait)`]
}

function presentSink(config: SinkConfig, status: SinkStatus | undefined): SinkView {
  const { name, kind, query } = config
  return {
    name, kind,
    ...presentTarget(config),
    query: query ?? null,
    state: status?.state ?? 'waiting',
    seq: status?.seq ?? null,
    backlog: status?.backlog ?? 0,
    written: status?.written ?? 0,
    bytes: status?.bytes ?? 0,
    rotations: status?.rotations ?? 0,
    lost: status?.lost ?? 0,
    lost_ranges: (status?.lostRanges ?? []).map(({ fromSeq, toSeq }) => ({ from_seq: fromSeq, to_seq: toSeq })),
    errors: Object.fromEntries(Object.entries(status?.errors ?? {}).filter(([, count]) => count > 0)),
    last_error: presentError(status?.lastError),
    upstream: presentUpstream(status?.upstream),
  }
}

const presentTarget = (config: SinkConfig): Pick<SinkView, 'to' | 'path' | 'format'> =>
  isForward(config) ? { to: upstreamUrl(config), path: null, format: null } : { to: config.path ?? '', path: config.path ?? null, format: config.format }

const presentError = (error: SinkStatus['lastError']): SinkView['last_error'] => (error === undefined ? null : { reason: error.fault, detail: error.reason, at: formatUtc(error.atMs) })

function presentUpstream(status: UpstreamStatus | undefined): SinkView['upstream'] {
  if (status === undefined) return null
  const { connectedMs, connections, sent, resent, inFlight, looped, oldestMs } = status
  return {
    connected_since: connectedMs === undefined ? null : formatUtc(connectedMs),
    connections, sent, resent, looped,
    in_flight: inFlight,
    oldest_waiting: oldestMs === undefined ? null : formatUtc(oldestMs),
  }
}
