import { MAX_MATCHERS, printMatcher } from '#domain/alert-matchers.ts'
import type { AlertMatcher, AlertSilence } from '#domain/alert.ts'
import type { AlertSilenceRecords } from '#store/index.ts'
import type { Logger } from '#telemetry/index.ts'

/** What a person asks for. */
export interface SilenceRequest {
  readonly matchers: readonly AlertMatcher[]
  readonly fromMs: number
  readonly untilMs: number
  readonly reason: string
  readonly by: string
}

/** Why silence is refused. */
export const SILENCE_REFUSALS = {
  'no-matcher': 'a silence names at least one field; one about everything is announced work',
  'too-many-matchers': `a silence has at most ${MAX_MATCHERS} matchers`,
  'only-unequal': 'at least one matcher says what is meant, not only what is not',
  'ends-before-it-begins': 'it ends after it begins, and not in the past',
  'too-long': 'a silence lasts a year at most; make the rule shadow or off for good',
  'no-reason': 'a silence has a reason, of 500 characters at most',
  'too-many': 'there are as many silences as may be; end some that are not needed',
} as const
export type SilenceRefusal = keyof typeof SILENCE_REFUSALS

const MAX_LENGTH_MS = 366 * 86_400_000
const MAX_REASON_CHARACTERS = 500
/** In force or to come: each is looked at for each alert that is told. */
export const MAX_SILENCES = 1000

export interface Silencing {
  add(request: SilenceRequest): AlertSilence | SilenceRefusal
  /** Ends one before its time; false: it is over already, or never was. */
  end(id: number, by: string): boolean
}

export function createSilencing({ silences, clock, log }: { readonly silences: AlertSilenceRecords; readonly clock: () => number; readonly log: Logger }): Silencing {
  function refusal({ matchers, fromMs, untilMs, reason }: SilenceRequest): SilenceRefusal | undefined {
    if (matchers.length === 0) return 'no-matcher'
    if (matchers.length > MAX_MATCHERS) return 'too-many-matchers'
    if (matchers.every(({ is }) => is === 'unequal')) return 'only-unequal'
    if (!(untilMs > fromMs && untilMs > clock())) return 'ends-before-it-begins'
    if (untilMs - fromMs > MAX_LENGTH_MS) return 'too-long'
    if (reason.trim() === '' || reason.length > MAX_REASON_CHARACTERS) return 'no-reason'
    return silences.ahead(clock()).length >= MAX_SILENCES ? 'too-many' : undefined
  }
  return {
    add(request) {
      const refused = refusal(request)
      if (refused !== undefined) return refused
      const id = silences.add({ ...request, reason: request.reason.trim(), madeMs: clock() })
      log.info({ silence: id, by: request.by, matchers: request.matchers.map(printMatcher), reason: request.reason }, 'alerts silenced')
      return silences.byId(id)!
    },
    end(id, by) {
      const hasEnded = silences.end(id, { atMs: clock(), by })
      if (hasEnded) log.info({ silence: id, by }, 'silence ended')
      return hasEnded
    },
  }
}
