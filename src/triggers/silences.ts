import { formatDuration } from '#base/duration.ts'
import { cut, printable } from '#base/text.ts'
import { formatUtc } from '#base/time.ts'
import type { LastWords } from '#domain/last-words.ts'
import { SILENCE_RULE, SILENCES } from '#domain/silence.ts'
import type { AlertRecords, SilenceRecord } from '#store/index.ts'
import type { Effects } from './effects.ts'
import type { Finding } from './finding.ts'
import type { Policy } from './policy.ts'
import type { RuleSeverity } from './protocol.ts'
import type { Routes } from './routes/routes.ts'

export interface SilenceEffectsOptions {
  readonly alerts: Pick<AlertRecords, 'open' | 'openOf'>
  readonly clock: () => number
  readonly routes: () => Routes
  /** `sessions.silence.notify` */
  readonly receiver: string
  readonly effects: Pick<Effects, 'change'>
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
  /** An alert, told where the routes know the receiver, in one transaction; for a silence that has its alert, nothing. Returns whether there is something new to send. */
  begin(news: SilenceNews): boolean
  /** Its alert is over. Returns as `begin`. */
  end(silence: SilenceRecord): boolean
  /** Alerts of other silences than these are over: the hub ended before it could say so. Returns as `begin`. */
  keepOnly(silences: readonly SilenceRecord[]): boolean
}

const VERSION = '1'
const MAX_TITLE_CHARACTERS = 200
const MAX_WORDS_CHARACTERS = 120
/** Messages in the mail, the last of them is the last word. */
const WORDS_IN_MAIL = 19

/** What silences lead to. */
export function createSilenceEffects({ alerts, clock, routes, receiver, effects }: SilenceEffectsOptions): SilenceEffects {
  return {
    begin(news) {
      const { silence } = news
      if (alerts.open(SILENCE_RULE, keyOf(silence)) !== undefined) return false
      const isTold = receiver !== '' && routes().receiver(receiver) !== undefined
      const policy = policyOf(severityOf(news), isTold ? receiver : undefined)
      return effects.change((life) => life.raise(findingOf(news), { policy, title: titleOf(news), nowMs: silence.noticedMs }))
    },
    end(silence) {
      const open = alerts.open(SILENCE_RULE, keyOf(silence))
      return open !== undefined && effects.change((life) => life.heard(open, clock()))
    },
    keepOnly(silences) {
      const kept = new Set(silences.map(keyOf))
      const over = [...alerts.openOf(SILENCE_RULE)].filter(({ key }) => !kept.has(key))
      return over.length > 0 && effects.change((life) => over.forEach((alert) => life.heard(alert, clock())))
    },
  }
}

/** It is over when somebody speaks: neither time nor the end of a session ends it. */
const policyOf = (severity: RuleSeverity, receiver: string | undefined): Policy => ({
  rule: SILENCE_RULE, version: VERSION, stateVersion: VERSION, severity, status: 'live', title: SILENCE_RULE, by: ['node'], forMs: 0, holdMs: 0,
  resolve: { quietMs: undefined, atSessionEnd: false, never: false },
  notify: receiver === undefined ? undefined : { to: receiver, waitMs: undefined, everyMs: undefined, before: WORDS_IN_MAIL, after: 0 },
  escalate: [], inhibit: undefined, raisesAlerts: true, runbook: undefined, owner: undefined,
})

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

function findingOf({ silence, name, node, sessionId, session, words }: SilenceNews): Finding {
  const seq = words.messages.at(-1)?.seq ?? silence.lastSeq
  const fatal = words.fatal.map(({ receivedMs, text }, at) => [`Before it ended ${at + 1}`, `${formatUtc(receivedMs)} ${cut(printable(text), 500)}`] as const)
  return {
    id: 0, kind: 'raise', rule: SILENCE_RULE, version: VERSION, key: keyOf(silence), seq, atMs: silence.sinceMs, count: 1, lastSeq: seq, lastMs: silence.noticedMs,
    nodeId: silence.nodeId, sessionId, sourceId: silence.subject === 'source' ? silence.id : 0, host: '', app: '', text: SILENCES[silence.reason], evidence: 'A', emit: undefined, isLate: false, reason: 'absent',
    fields: {
      node: node === '' ? name : node,
      ...(session === '' ? {} : { session }),
      Why: SILENCES[silence.reason],
      'Last heard': formatUtc(silence.sinceMs),
      ...(silence.usualMs === 0 ? {} : { 'Usually quiet for at most': formatDuration(silence.usualMs) }),
      ...Object.fromEntries(fatal),
    },
  }
}
