import type { LossCounts, LossesPart, LossesRequest, LossesView, LossGroupView, LossReasonView } from '#api/index.ts'
import { decodeText } from '#base/bytes.ts'
import { parseDurationMs } from '#base/duration.ts'
import { canonicalIp } from '#base/ip.ts'
import { printable } from '#base/text.ts'
import { formatUtc } from '#base/time.ts'
import { AppFault } from '#domain/fault.ts'
import { LOSS_REASONS, LOSSES, type LossReason } from '#domain/loss.ts'
import { SEVERITIES } from '#domain/severity.ts'
import type { LossRecords, LossTotal } from '#store/index.ts'
import { sessionName, type Records } from '../records.ts'
import type { WriterClient } from '../threads/writer-client.ts'

export interface LossesPartOptions {
  readonly records: Pick<Records, 'sources' | 'sessions' | 'nodes'>
  readonly losses: Pick<LossRecords, 'totals' | 'shed'>
  readonly writer: Pick<WriterClient, 'ask'>
  readonly clock: () => number
}

interface Window { readonly sinceMs: number; readonly untilMs: number | undefined; readonly words: string }

/** The loss ledger as the API shows it. What the writer has not yet written down is written before it is read. */
export function createLossesPart({ records: { sources, sessions, nodes }, losses, writer, clock }: LossesPartOptions): LossesPart {
  const flush = () => writer.ask({ kind: 'flush' })

  function sourceIds(name: string | undefined): readonly number[] | undefined {
    if (name === undefined) return undefined
    const address = canonicalIp(name) ?? name
    const found = sources.list().filter((source) => source.address === address || String(source.id) === name).map(({ id }) => id)
    if (found.length === 0) throw new AppFault('not-found', `Nobody has sent a message from ${name}`)
    return found
  }

  const sourceName = (id: number): string => {
    const source = id === 0 ? undefined : sources.byId(id)
    return source === undefined ? 'unknown' : `${source.address} by ${source.transport}${source.listener === source.transport ? '' : ` (${source.listener})`}`
  }
  const sessionWords = (id: number): string => {
    const session = id === 0 ? undefined : sessions.byId(sessions.rootOf(id))
    return session === undefined ? 'unknown' : `${sessionName(session.id, session.hashes)} of ${nodes.nameOf(session.nodeId) ?? `#${session.nodeId}`}`
  }
  const NAMES: Readonly<Record<LossesRequest['by'], (key: string | number) => string>> = {
    reason: String, listener: (key) => String(key) || 'unknown', source: (key) => sourceName(Number(key)), session: (key) => sessionWords(Number(key)), hour: (key) => (key === 0 ? 'earlier' : formatUtc(Number(key))),
  }

  /** Stored rows by source or listener, of the senders that are asked for. */
  function stored(by: 'source' | 'listener', ids: readonly number[] | undefined): ReadonlyMap<string, number> {
    const rows = new Map<string, number>()
    for (const source of sources.list()) {
      if (ids !== undefined && !ids.includes(source.id)) continue
      const key = by === 'source' ? String(source.id) : source.listener
      rows.set(key, (rows.get(key) ?? 0) + source.messages)
    }
    return rows
  }

  const totals = ({ sinceMs, untilMs }: Window, by: LossesRequest['by'], ids: readonly number[] | undefined): LossTotal[] =>
    ids === undefined ? losses.totals({ sinceMs, untilMs, by }) : ids.flatMap((sourceId) => losses.totals({ sinceMs, untilMs, sourceId, by }))

  function groups({ by }: LossesRequest, window: Window, ids: readonly number[] | undefined): LossGroupView[] {
    const found = Map.groupBy(totals(window, by, ids), ({ key }) => key)
    const rows = by === 'source' || by === 'listener' ? stored(by, ids) : undefined
    const ever = rows === undefined ? undefined : Map.groupBy(totals(ALL, by, ids), ({ key }) => String(key))
    // every listener there is, and the senders that are asked for, also where nothing was lost
    if (by === 'listener') for (const key of rows!.keys()) if (!found.has(key)) found.set(key, [])
    if (by === 'source') for (const id of ids ?? []) if (!found.has(id)) found.set(id, [])
    return [...found].map(([key, entries]) => {
      const name = by === 'hour' && key !== 0 ? formatUtc(Number(key)) : String(key)
      const counted = count(entries)
      const lostEver = ever === undefined ? 0 : count(ever.get(String(key)) ?? []).lost
      const storedEver = rows?.get(String(key)) ?? 0
      return {
        key: name, name: NAMES[by](key), ...counted, reasons: byReason(entries).map(({ reason, count: of }) => ({ reason, count: of })), ...span(entries),
        ever: rows === undefined ? null : { received: storedEver + lostEver, stored: storedEver, lost: lostEver },
      }
    })
  }

  return {
    async losses(request) {
      const window = windowOf(request, clock())
      const ids = sourceIds(request.source)
      await flush()
      const reasons = byReason(totals(window, 'reason', ids))
      const counted = count(reasons)
      const all = groups(request, window, ids).sort(request.by === 'hour' ? (a, b) => (a.key < b.key ? 1 : -1) : (a, b) => weight(b) - weight(a) || (a.name < b.name ? -1 : 1))
      return {
        since: window.sinceMs === 0 ? null : formatUtc(window.sinceMs), until: window.untilMs === undefined ? null : formatUtc(window.untilMs),
        verdict: verdictOf(counted, window.words), ...counted, reasons: reasons.map(presentReason), by: request.by, groups: all.slice(0, request.limit), others: Math.max(0, all.length - request.limit),
      } satisfies LossesView
    },
    async shed({ source, limit }) {
      const ids = sourceIds(source)
      await flush()
      const found = ids === undefined ? losses.shed({ limit }) : ids.flatMap((sourceId) => losses.shed({ sourceId, limit }))
      return found.slice(0, limit).map((entry) => ({
        source_id: entry.sourceId, source: entry.sourceId === 0 ? 'unknown' : (sources.addressOf(entry.sourceId) ?? `#${entry.sourceId}`),
        template: entry.templateLo === 0 && entry.templateHi === 0 ? null : hex(entry.templateHi) + hex(entry.templateLo),
        severity: SEVERITIES[entry.severity]!, count: entry.count, first: formatUtc(entry.firstMs), last: formatUtc(entry.lastMs), sample: printable(decodeText(entry.sample).text),
      }))
    },
  }
}

const ALL: Window = { sinceMs: 0, untilMs: undefined, words: '' }
const hex = (word: number): string => word.toString(16).padStart(8, '0')

function windowOf({ since, until }: LossesRequest, nowMs: number): Window {
  const durationMs = since === undefined ? undefined : parseDurationMs(since)
  const sinceMs = since === undefined ? 0 : durationMs === undefined ? timeOf(since) : nowMs - durationMs
  const untilMs = until === undefined ? undefined : timeOf(until)
  if (untilMs !== undefined && untilMs <= sinceMs) throw new AppFault('bad-request', 'until is not after since')
  const from = since === undefined ? '' : durationMs === undefined ? ` since ${formatUtc(sinceMs)}` : ` in the last ${since}`
  return { sinceMs, untilMs, words: `${from}${untilMs === undefined ? '' : ` until ${formatUtc(untilMs)}`}` }
}

function timeOf(text: string): number {
  const ms = Date.parse(text)
  if (Number.isFinite(ms) && ms > 0 && /^\d{4}-/.test(text)) return ms
  throw new AppFault('bad-request', `${text} is neither a duration such as 24h nor a time such as 2026-11-22T14:30:00Z`)
}

/** Of whatever key, added up; in the order of the catalogue. What came late after all may leave nothing. */
function byReason(totals: readonly LossTotal[]): LossTotal[] {
  const found = Map.groupBy(totals, ({ reason }) => reason)
  return LOSS_REASONS.flatMap((reason) => {
    const entries = found.get(reason) ?? []
    const sum = entries.reduce((total, entry) => total + entry.count, 0)
    return sum <= 0 ? [] : [{ key: reason, reason, count: sum, firstMs: Math.min(...entries.map(({ firstMs }) => firstMs)), lastMs: Math.max(...entries.map(({ lastMs }) => lastMs)) }]
  })
}

function count(totals: readonly LossTotal[]): LossCounts {
  const of = (...reasons: readonly LossReason[]): number => Math.max(0, totals.reduce((sum, entry) => sum + (reasons.includes(entry.reason) ? entry.count : 0), 0))
  const shed = of('shed')
  const dropped = of('kernel-buffer', 'no-free-batch', 'disk-refused')
  return { lost: shed + dropped, shed, dropped, cut: of('cut', 'piece-missing'), missing: of('missing'), passed_over: of('passed-over'), doubled: of('doubled') }
}

const weight = ({ lost, missing, cut, passed_over: passedOver, doubled }: LossCounts): number => (lost + missing) * 1e6 + cut * 1e3 + passedOver + doubled

const span = (entries: readonly LossTotal[]): { readonly first: string | null; readonly last: string | null } =>
  entries.length === 0 ? { first: null, last: null } : { first: formatUtc(Math.min(...entries.map(({ firstMs }) => firstMs))), last: formatUtc(Math.max(...entries.map(({ lastMs }) => lastMs))) }

const presentReason = ({ reason, count: of, firstMs, lastMs }: LossTotal): LossReasonView => ({ reason, ...LOSSES[reason], count: of, first: formatUtc(firstMs), last: formatUtc(lastMs) })

/** `12,345 messages were lost in the last 24h, 3 numbers of senders never came, 2 messages were cut.` */
function verdictOf({ lost, missing, cut }: LossCounts, when: string): string {
  const parts = [
    ...(lost > 0 ? [`${lost.toLocaleString('en')} ${lost === 1 ? 'message was' : 'messages were'} lost${when}`] : []),
    ...(missing > 0 ? [`${missing.toLocaleString('en')} ${missing === 1 ? 'number' : 'numbers'} of senders never came${lost > 0 ? '' : when}`] : []),
    ...(cut > 0 ? [`${cut.toLocaleString('en')} ${cut === 1 ? 'message was' : 'messages were'} cut${lost + missing > 0 ? '' : when}`] : []),
  ]
  return parts.length === 0 ? `Nothing was lost${when}.` : `${parts.join(', ')}.`
}
