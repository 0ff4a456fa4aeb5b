/** Life of an alert: it may have to last (`pending`), it fires, a person may say that somebody looks after it, it is over. */
export const ALERT_STATES = ['pending', 'firing', 'acknowledged', 'resolved'] as const
export type AlertState = (typeof ALERT_STATES)[number]
/** States in which it is not over: there is at most one alert of a rule and key in them. */
export const OPEN_STATES = ['pending', 'firing', 'acknowledged'] as const satisfies readonly AlertState[]

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
