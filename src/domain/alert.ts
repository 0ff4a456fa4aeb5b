/** Life of an alert: it may have to last (`pending`), it fires, a person may say that somebody looks after it, it is over. */
export const ALERT_STATES = ['pending', 'firing', 'acknowledged', 'resolved'] as const
export type AlertState = (typeof ALERT_STATES)[number]
/** States in which it is not over: there is at most one alert of a rule and key in them. */
export const OPEN_STATES = ['pending', 'firing', 'acknowledged'] as const satisfies readonly AlertState[]
export const isOpen = ({ state }: Pick<Alert, 'state'>): boolean => state !== 'resolved'

/** Most severe first. */
export const ALERT_SEVERITIES = ['critical', 'error', 'warning', 'info'] as const
export type AlertSeverity = (typeof ALERT_SEVERITIES)[number]
export const moreSevere = (a: AlertSeverity, b: AlertSeverity): AlertSeverity => (ALERT_SEVERITIES.indexOf(a) <= ALERT_SEVERITIES.indexOf(b) ? a : b)

/** Why an alert made a step: the words of its history. */
export const ALERT_REASONS = {
  found: 'the condition of the rule holds',
  lasted: 'it has lasted as long as the rule asks for',
  'did-not-last': 'it was over before it had lasted as long as the rule asks for',
  returned: 'it came back while it was held open',
  'more-severe': 'it was escalated',
  acknowledged: 'somebody looks after it',
  unacknowledged: 'nobody looks after it any more',
  cleared: 'what ends it was seen',
  quiet: 'nothing more was found for long enough',
  'session-ended': 'the boot session that it was about is over',
  closed: 'a person closed it',
  'rule-gone': 'there is no such rule any more',
  'rule-changed': 'the rule asks for something else now',
  heard: 'whoever was silent is heard again',
} as const
export type AlertReason = keyof typeof ALERT_REASONS

/** One alert: what a rule found about one key, from the first finding until it is over. */
export interface Alert {
  /** 0 before it is stored. */
  readonly id: number
  readonly rule: string
  readonly ruleVersion: string
  /** Of the rule when it was found last; '' when that is not known. */
  readonly stateVersion: string
  readonly key: string
  readonly state: AlertState
  readonly severity: AlertSeverity
  /** Rendered; plain text, one line. */
  readonly title: string
  /** 0: about none. */
  readonly nodeId: number
  readonly sessionId: number
  readonly sourceId: number
  /** Of the key, and named groups and numbers of the last finding: `node`, `rack`, `array`, `count`. */
  readonly fields: Readonly<Record<string, string>>
  /** Of the message that showed it last; '' where none did. */
  readonly host: string
  readonly app: string
  readonly text: string
  readonly firstMs: number
  readonly lastMs: number
  readonly firstSeq: number
  readonly lastSeq: number
  readonly count: number
  /** When it began to fire; undefined: it has not lasted yet. */
  readonly firedMs: number | undefined
  /** It is over since then and held open, since it may come back. */
  readonly overMs: number | undefined
  readonly resolvedMs: number | undefined
  readonly acknowledgedBy: string | undefined
  readonly acknowledgedNote: string | undefined
  /** How often it came back while it was held open. */
  readonly flaps: number
  /** It was found late: its deadline passed while the hub was not running. */
  readonly isLate: boolean
  /** How many steps of its escalation were taken. */
  readonly escalated: number
  /** When time alone changes it next; undefined: never. */
  readonly dueMs: number | undefined
  /** What its rule asked for last, as JSON (`triggers/policy.ts`), so that it can be understood when the rule is gone; '' when that is not known. */
  readonly policy: string
}

/** One step of an alert, with its reason. */
export interface AlertTransition {
  readonly alertId: number
  readonly atMs: number
  /** undefined: it is new. */
  readonly from: AlertState | undefined
  readonly to: AlertState
  readonly reason: AlertReason
  /** The person; '' for the hub. */
  readonly by: string
  /** What the person wrote, why the rule said so (`FINDING_REASONS`), or whom it was escalated to. */
  readonly note: string
  /** The message that led to it; 0: none did. */
  readonly seq: number
}

/** What keeps an alert from telling anybody; it never changes the alert itself. */
export const MUTES = {
  silenced: 'somebody asked for silence about it',
  inhibited: 'another alert says it all',
  shadow: 'its rule is on trial',
  planned: 'work on the node is announced',
  capped: 'the receiver gets no more for now; it is told in a digest',
} as const
export type Mute = keyof typeof MUTES

/** `field=value`, `field!=value`, `field~beginning*`: all must hold for a silence to cover an alert. Fields: rule, severity, and those of its key. */
export interface AlertMatcher { readonly field: string; readonly is: 'equal' | 'unequal' | 'like'; readonly value: string }
export interface AlertSilence {
  readonly id: number
  readonly matchers: readonly AlertMatcher[]
  readonly fromMs: number
  readonly untilMs: number
  readonly reason: string
  readonly by: string
  readonly madeMs: number
  readonly endedMs: number | undefined
  readonly endedBy: string | undefined
}
