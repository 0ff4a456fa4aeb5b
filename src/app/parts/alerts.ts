import type { AlertDeed, AlertDetail, AlertNoticeView, AlertsPart, AlertsRequest, AlertView, MessageView } from '#api/index.ts'
import { formatUtc } from '#base/time.ts'
import { ALERT_SEVERITIES, type Alert } from '#domain/alert.ts'
import { AppFault } from '#domain/fault.ts'
import { createAlertRecords, createAlertTransitionRecords, type AlertFilter, type OutboxRow } from '#store/index.ts'
import { readNotice, type AlertNames, type Effects, type Mutes, type Policies } from '#triggers/index.ts'
import type { Logger } from '#telemetry/index.ts'
import type { Records } from '../records.ts'
import { createAlertFollowing, type FollowingOptions } from './alert-follow.ts'
import { presentAlert, presentPolicy, presentTransition, seqOf } from './alert-view.ts'
import { readSince } from './since.ts'

/** Notices about one alert that are shown. */
const MAX_NOTICES = 50
const CONTEXT = { before: 10, after: 5 } as const

export interface AlertsPartOptions {
  readonly records: Pick<Records, 'db' | 'nodes' | 'outbox'>
  /** What triggering knows of alerts. */
  readonly triggers: { readonly person: Effects['person']; readonly mutes: Mutes; readonly policies: Policies; readonly names: AlertNames }
  /** Messages of a node around one. */
  readonly context: (seq: number, before: number, after: number) => Promise<readonly MessageView[]>
  /** Of the pages, without a slash at the end. */
  readonly pagesUrl: string
  readonly clock: () => number
  readonly every: FollowingOptions['every']
  readonly log: Logger
  wakeOutbox(): void
}

/** Alerts as the API shows them, and what people do about them. */
export function createAlertsPart({ records: { db, nodes, outbox }, triggers, context, pagesUrl, clock, every, log, wakeOutbox }: AlertsPartOptions): AlertsPart {
  const alerts = createAlertRecords(db)
  const transitions = createAlertTransitionRecords(db)
  const { names } = triggers
  const viewer = () => {
    const mutesOf = triggers.mutes.at(clock())
    return (alert: Alert): AlertView => presentAlert(alert, { names, mutesOf })
  }

  const following = createAlertFollowing({ transitions, every, view(transition) {
    const alert = alerts.byId(transition.alertId)
    return alert === undefined ? undefined : { id: transition.id, ...presentTransition(transition), alert: viewer()(alert) }
  } })

  function known(id: number): Alert {
    const alert = alerts.byId(id)
    if (alert === undefined) throw new AppFault('not-found', `There is no alert ${id}`)
    return alert
  }

  function filterOf({ states, severities, rules, node, since }: AlertsRequest): Omit<AlertFilter, 'limit'> {
    const nodeIds = node === undefined ? undefined : nodes.idsNamed(node)
    if (nodeIds?.length === 0) throw new AppFault('not-found', `There is no node ${node!}`)
    return { states, severities, rules, nodeIds, sinceMs: since === undefined ? undefined : readSince(since, clock()) }
  }

  /** A page, and where the next one begins. */
  function page(request: AlertsRequest): { readonly found: readonly Alert[]; readonly cursor: string | null } {
    const filter = filterOf(request)
    const { severity, belowId } = readCursor(request)
    const cursorOf = (last: Alert): string => (request.order === 'worst' ? `${last.severity}.${last.id}` : String(last.id))
    const found: Alert[] = []
    // one more than asked for says whether there are more
    const wanted = request.limit + 1
    if (request.order === 'newest') found.push(...alerts.list({ ...filter, belowId, limit: wanted }))
    else {
      const from = severity === undefined ? 0 : ALERT_SEVERITIES.indexOf(severity)
      for (const [index, one] of ALERT_SEVERITIES.slice(from).entries()) {
        if (filter.severities?.includes(one) === false) continue
        if (found.length < wanted) found.push(...alerts.list({ ...filter, severities: [one], belowId: index === 0 ? belowId : undefined, limit: wanted - found.length }))
      }
    }
    return found.length > request.limit ? { found: found.slice(0, -1), cursor: cursorOf(found.at(-2)!) } : { found, cursor: null }
  }

  function noticesOf(alert: Alert): AlertNoticeView[] {
    return outbox.list(MAX_NOTICES, { alertId: alert.id }).map((row) => ({
      id: row.id, state: row.state, channel: row.channel, receiver: row.receiver, telling: tellingOf(row, alert.id), created: formatUtc(row.createdMs),
      done: row.doneMs === undefined ? null : formatUtc(row.doneMs), attempts: row.attempts, last_error: row.lastError ?? null,
    }))
  }

  /** Of its session where it has one: what is shown with it is one boot. */
  async function around(alert: Alert): Promise<readonly MessageView[]> {
    if (alert.lastSeq === 0) return []
    const found = await context(alert.lastSeq, CONTEXT.before, CONTEXT.after).catch((fault: unknown) => {
      // retention has removed it, or the store has no time: the alert is shown all the same
      if (fault instanceof AppFault) return []
      throw fault
    })
    const session = names.session(alert.sessionId)
    return session === undefined || session === null ? found : found.filter((message) => message.session === session || message.seq === alert.lastSeq)
  }

  function act({ id, does, who, note, state }: AlertDeed): AlertView {
    const before = known(id)
    if (state !== undefined && before.state !== state) throw new AppFault('conflict', `The alert ${id} is ${before.state} by now, not ${state}`, { detail: { state: before.state } })
    const done = triggers.person({ id, does, who, note })
    if (done === undefined) throw new AppFault('not-found', `There is no alert ${id}`)
    if (typeof done.outcome === 'string') throw new AppFault('conflict', REFUSED[done.outcome](id), { detail: { state: before.state } })
    log.info({ alert: id, rule: before.rule, does, by: who, note }, 'A person acted on an alert')
    if (done.hasNews) wakeOutbox()
    following.look()
    return viewer()(done.outcome)
  }

  return {
    async list(request) {
      const { found, cursor } = page(request)
      const open = alerts.counts().filter(({ state }) => state !== 'resolved')
      const isCalm = open.every(({ state }) => state === 'pending')
      const calmMs = isCalm ? alerts.lastOverMs() : undefined
      return { alerts: found.map(viewer()), cursor, open: [...open], calm_since: calmMs === undefined ? null : formatUtc(calmMs) }
    },
    async alert(id) {
      const alert = known(id)
      return {
        ...viewer()(alert), fields: { ...alert.fields }, host: alert.host, app: alert.app, text: alert.text, first_seq: seqOf(alert.firstSeq), last_seq: seqOf(alert.lastSeq),
        due: alert.dueMs === undefined ? null : formatUtc(alert.dueMs), link: `${pagesUrl}/#/alert/${id}`, policy: presentPolicy(alert, triggers.policies),
        transitions: transitions.of(id).map(presentTransition), notices: noticesOf(alert), context: await around(alert),
      } satisfies AlertDetail
    },
    act: async (deed) => act(deed),
    follow: following.follow,
  }
}

const REFUSED = {
  resolved: (id: number) => `The alert ${id} is over already`,
  pending: (id: number) => `The alert ${id} does not fire yet: there is nothing to look after`,
  'not-acknowledged': (id: number) => `Nobody looks after the alert ${id}`,
} as const

function readCursor({ cursor, order }: AlertsRequest): { readonly severity?: Alert['severity'] | undefined; readonly belowId: number | undefined } {
  if (cursor === undefined) return { belowId: undefined }
  const parts = (order === 'worst' ? /^(?<severity>[a-z]+)\.(?<id>\d{1,16})$/ : /^(?<id>\d{1,16})$/).exec(cursor)?.groups
  const severity = ALERT_SEVERITIES.find((one) => one === parts?.['severity'])
  if (parts === undefined || (order === 'worst' && severity === undefined)) throw new AppFault('bad-cursor', 'The cursor is none of this list')
  return { severity, belowId: Number(parts['id']) }
}

function tellingOf(row: OutboxRow, alertId: number): string | null {
  const notice = readNotice(row)
  return notice.kind === 'alerts' || notice.kind === 'digest' ? (notice.alerts.find(({ id }) => id === alertId)?.telling ?? null) : null
}

