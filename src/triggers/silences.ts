import { formatDuration } from '#base/duration.ts'
import { cut, printable } from '#base/text.ts'
import { formatUtc } from '#base/time.ts'
import type { LastWords } from '#domain/last-words.ts'
import { SILENCE_RULE, SILENCES } from '#domain/silence.ts'
import { createAlertRecords, createOutboxRecords, type HubDatabase, type NewAlert, type SilenceRecord } from '#store/index.ts'
import type { Metrics } from '#telemetry/index.ts'
import { dedupKey, type Notice } from './notice.ts'
import type { RuleSeverity } from './protocol.ts'
import type { Routes } from './routes.ts'

export interface SilenceEffectsOptions {
  readonly db: HubDatabase
  readonly clock: () => number
  readonly routes: () => Routes
  /** `sessions.silence.notify` */
  readonly receiver: string
  readonly metrics: Pick<Metrics, 'add'>
}

/** A silence, and what is known of whoever is silent. */
export interface SilenceNews {
  readonly silence: SilenceRecord
  /** For people: a node's name, a sender's address and transport, or the hub. */
  readonly name: string
  readonly node: string
  readonly sessionId: number
  readonly session: string
  readonly words: LastWords
}

export interface SilenceEffects {
  /** An alert, and a notice where the routes know the receiver, in one transaction; for a silence that has its alert, nothing. Returns whether there is something new to send. */
  begin(news: SilenceNews): boolean
  /** Its alert is over. */
  end(silence: SilenceRecord): void
  /** Alerts of other silences than these are over: the hub ended before it could say so. */
  keepOnly(silences: readonly SilenceRecord[]): void
}

const VERSION = '1'
const MAX_TITLE_CHARACTERS = 200
const MAX_WORDS_CHARACTERS = 120
/** Messages in the mail, the last of them is the last word. */
const WORDS_IN_MAIL = 19

/** What silences lead to. */
export function createSilenceEffects({ db, clock, routes, receiver, metrics }: SilenceEffectsOptions): SilenceEffects {
  const alerts = createAlertRecords(db)
  const outbox = createOutboxRecords(db)

  const begin = db.transaction((news: SilenceNews): boolean => {
    const { silence } = news
    if (alerts.open(SILENCE_RULE, keyOf(silence)) !== undefined) return false
    const isTold = receiver !== '' && routes().receiver(receiver) !== undefined
    const severity = severityOf(news)
    const seq = news.words.messages.at(-1)?.seq ?? silence.lastSeq
    const alert: NewAlert = {
      rule: SILENCE_RULE, ruleVersion: VERSION, key: keyOf(silence), state: 'firing', severity, title: titleOf(news), nodeId: silence.nodeId, sessionId: news.sessionId,
      firstMs: silence.sinceMs, lastMs: silence.noticedMs, firstSeq: seq, lastSeq: seq, count: 1, captures: {}, notifiedMs: isTold ? clock() : undefined,
    }
    const alertId = alerts.insert(alert)
    metrics.add('hps_alerts_opened_total', { severity })
    if (!isTold) return false
    const isNew = outbox.add({
      dedupKey: dedupKey({ rule: SILENCE_RULE, version: VERSION, key: `${keyOf(silence)} ${silence.noticedMs}`, seq, receiver }),
      channel: 'mail', receiver, payload: JSON.stringify(noticeOf(news, alert)), createdMs: clock(), alertId,
    })
    if (isNew) metrics.add('hps_notifications_queued_total', { severity })
    return isNew
  })
  return {
    begin: (news) => begin.immediate(news),
    end(silence) {
      const open = alerts.open(SILENCE_RULE, keyOf(silence))
      if (open !== undefined) alerts.update({ ...open, state: 'resolved', lastMs: clock() })
    },
    keepOnly(silences) {
      const kept = new Set(silences.map(keyOf))
      for (const alert of alerts.openOf(SILENCE_RULE)) if (!kept.has(alert.key)) alerts.update({ ...alert, state: 'resolved', lastMs: clock() })
    },
  }
}

const keyOf = ({ subject, id }: SilenceRecord): string => `${subject}:${id}`

function severityOf({ silence, words }: SilenceNews): RuleSeverity {
  if (silence.subject === 'hub' || words.fatal.length > 0) return 'critical'
  return silence.subject === 'node' ? 'error' : 'warning'
}

function titleOf({ silence, name, words }: SilenceNews): string {
  if (silence.subject === 'hub') return `The hub hears nobody: ${silence.unheard} of ${silence.expected} are silent since ${formatUtc(silence.sinceMs)}`
  const word = words.fatal.at(-1) ?? words.messages.at(-1)
  const said = word === undefined ? '' : `: ${cut(printable(word.text), MAX_WORDS_CHARACTERS)}`
  return cut(`${printable(name)} is silent since ${formatUtc(silence.sinceMs)}${said}`, MAX_TITLE_CHARACTERS)
}

function noticeOf({ silence, name, node, sessionId, session, words }: SilenceNews, alert: NewAlert): Notice {
  const fatal = words.fatal.map(({ receivedMs, text }, at) => [`Before it ended ${at + 1}`, `${formatUtc(receivedMs)} ${cut(printable(text), 500)}`] as const)
  return {
    kind: 'alert', title: alert.title, severity: alert.severity as RuleSeverity, rule: SILENCE_RULE, version: VERSION, key: alert.key, seq: alert.lastSeq, receivedMs: silence.noticedMs,
    nodeId: silence.nodeId, sessionId, node: node === '' ? name : node, session, host: '', app: '', text: SILENCES[silence.reason],
    fields: {
      Why: SILENCES[silence.reason],
      'Last heard': formatUtc(silence.sinceMs),
      ...(silence.usualMs === 0 ? {} : { 'Usually quiet for at most': formatDuration(silence.usualMs) }),
      ...Object.fromEntries(fatal),
    },
    count: 1, firstMs: silence.sinceMs, runbook: undefined, owner: undefined, before: WORDS_IN_MAIL, after: 0,
  }
}
