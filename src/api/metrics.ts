import type { MetricDeclaration } from '#telemetry/index.ts'

/** Why a caller was turned away; label of `hps_auth_failures_total`. */
const AUTH_FAILURES = ['no-credentials', 'bad-token', 'stale-cookie', 'wrong-role', 'cross-site', 'unknown-host', 'rate-limited'] as const
export type AuthFailure = (typeof AUTH_FAILURES)[number]

/** Bounds of the API that were reached; label of `hps_http_refused_total`. */
const REFUSALS = ['streams', 'alert-streams', 'rule-tries', 'rule-studies', 'rule-questions', 'exports', 'ack-waiters', 'uploads', 'bodies', 'closing', 'connections', 'connections-of-address', 'malformed', 'headers', 'too-slow'] as const

/** What the API counts. Routes are labelled by their pattern, never by the path that was asked for. */
export const API_METRICS: readonly MetricDeclaration[] = [
  { kind: 'counter', name: 'hps_http_requests_total', help: 'HTTP requests answered.', labels: { route: 'open', method: 'open', status: 'open' } },
  {
    kind: 'histogram', name: 'hps_http_request_duration_seconds', help: 'Time from the request line to the end of the answer.',
    labels: { route: 'open', method: 'open' }, buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  },
  { kind: 'gauge', name: 'hps_http_streams_open', help: 'Live streams open now.' },
  { kind: 'gauge', name: 'hps_http_alert_streams_open', help: 'Streams of alerts open now.' },
  { kind: 'counter', name: 'hps_http_alert_stream_skipped_total', help: 'Steps of alerts that slow readers of their stream were told they missed.' },
  { kind: 'gauge', name: 'hps_http_ack_waiters', help: 'Callers that wait for an acknowledgement now.' },
  { kind: 'counter', name: 'hps_http_stream_skipped_total', help: 'Messages that slow readers of live streams were told they missed.' },
  { kind: 'counter', name: 'hps_http_streams_cut_total', help: 'Live streams that the hub ended.', labels: { reason: ['stalled', 'revoked', 'fault'] } },
  { kind: 'gauge', name: 'hps_http_connections_open', help: 'HTTP connections open now.' },
  { kind: 'gauge', name: 'hps_http_stream_buffered_bytes', help: 'Bytes of events that wait for the readers of live streams, of all streams together.' },
  { kind: 'gauge', name: 'hps_http_uploads_open', help: 'Bodies with messages being taken now.' },
  { kind: 'gauge', name: 'hps_http_journals_open', help: 'Journals being uploaded now.' },
  { kind: 'gauge', name: 'hps_http_exports_open', help: 'Exports running now.' },
  { kind: 'counter', name: 'hps_http_exports_total', help: 'Exports by how they ended; incomplete: something stored could not be read; gone: the reader went away.', labels: { outcome: ['complete', 'incomplete', 'gone', 'failed'] } },
  { kind: 'counter', name: 'hps_http_exported_messages_total', help: 'Messages of exports that came to their end.' },
  { kind: 'counter', name: 'hps_http_refused_total', help: 'Requests refused because a bound was reached, and what could not be read as a request.', labels: { reason: REFUSALS } },
  { kind: 'counter', name: 'hps_auth_failures_total', help: 'Requests that failed authentication or authorisation.', labels: { reason: AUTH_FAILURES } },
]
