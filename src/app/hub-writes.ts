import { isDiskFault } from '#store/index.ts'
import type { Health, Logger, Metrics } from '#telemetry/index.ts'

/** Writes that wait for the disk; one more is dropped, counted and logged. */
export const MAX_HUB_WRITES = 10_000
const RETRY_EVERY_MS = 1000

/**
 * What main writes to hub.db because of messages that are stored already: effects of rules, notices that were asked for,
 * tokens to be revoked. In order; while the disk refuses one, it and all behind it wait and are tried again.
 */
export interface HubWrites {
  /** Does it now when nothing waits. Throws what is no fault of the disk. */
  run(write: () => void): void
}

export interface HubWritesOptions {
  readonly log: Logger
  readonly metrics: Metrics
  readonly health: Health
  /** Writes something small to hub.db: effects log and count, so they are not tried before it works. */
  readonly probe: () => void
  /** Calls `work` once after `ms`. */
  readonly after: (ms: number, work: () => void) => void
}

export function createHubWrites({ log, metrics, health, probe, after }: HubWritesOptions): HubWrites {
  const waiting: (() => void)[] = []
  let refusal: string | undefined
  health.register('records', () => (refusal === undefined ? { status: 'pass' } : { status: 'fail', reason: `hub.db cannot be written: ${refusal}` }))

  /** @returns whether it is done */
  const attempt = (write: () => void): boolean => {
    try {
      write()
      return true
    } catch (error) {
      if (!isDiskFault(error)) throw error
      const reason = error instanceof Error ? error.message : String(error)
      if (refusal === undefined) log.error({ reason }, 'hub.db cannot be written; rules and notices wait')
      refusal = reason
      return false
    }
  }
  const retry = (): void => {
    while (waiting.length > 0) {
      if (!attempt(probe) || !attempt(waiting[0]!)) return after(RETRY_EVERY_MS, retry)
      waiting.shift()
      metrics.set('hps_hub_writes_waiting', waiting.length)
    }
    refusal = undefined
    log.info({}, 'hub.db is written again')
  }

  return {
    run(write) {
      if (waiting.length === 0 && attempt(write)) return
      if (waiting.length >= MAX_HUB_WRITES) {
        metrics.add('hps_hub_writes_dropped_total')
        return
      }
      waiting.push(write)
      metrics.set('hps_hub_writes_waiting', waiting.length)
      if (waiting.length === 1) after(RETRY_EVERY_MS, retry)
    },
  }
}
