import type { StoredMessage } from './message.ts'

/** Messages of somebody before it fell silent. */
export interface LastWords {
  /** The last ones, oldest first. */
  readonly messages: readonly StoredMessage[]
  /** Those that tell of an end (a panic, an oops, no memory), oldest first, from further back too. */
  readonly fatal: readonly StoredMessage[]
}

export const LAST_WORDS = 20
/** Looked at for what tells of an end. */
export const LAST_LOOKED_AT = 500
const MAX_FATAL = 10

/** How Linux (kernel/panic.c, mm/oom_kill.c, arch/x86/kernel/cpu/mce) and firmware say that it is over. */
const FATAL = /\b(?:Kernel panic|Oops\b|BUG:|Call Trace|general protection fault|Unable to handle kernel|Machine check|mce: |Hardware Error|Out of memory|oom-kill|soft lockup|hard LOCKUP|watchdog: BUG|blocked for more than \d+ seconds|Remounting filesystem read-only|critical temperature)/i
const GRAVE = new Set<StoredMessage['severity']>(['emerg', 'alert', 'crit'])

export const isFatal = ({ facility, severity, text }: Pick<StoredMessage, 'facility' | 'severity' | 'text'>): boolean => (facility === 'kern' && GRAVE.has(severity)) || FATAL.test(text)

/** @param newestFirst up to `LAST_LOOKED_AT` messages */
export const pickLastWords = (newestFirst: readonly StoredMessage[]): LastWords => ({
  messages: newestFirst.slice(0, LAST_WORDS).toReversed(),
  fatal: newestFirst.slice(0, LAST_LOOKED_AT).filter(isFatal).slice(0, MAX_FATAL).toReversed(),
})
