import { AppFault } from '#domain/fault.ts'
import { lockFolder } from '#store/index.ts'
import { createHealth, createLogger, createMetrics, type Health, type Logger, type Metrics } from '#telemetry/index.ts'
import type { HubConfig } from './config.ts'
import { createHubLog, type HubLog } from './hub-log.ts'
import { MAIN_METRICS } from './metric-tables.ts'
import { preparePaths, type HubPaths } from './paths.ts'
import { openRecords, type Records } from './records.ts'

/** What every part stands on: clock, log, metrics, health, paths, `hub.db`. */
export interface Foundation {
  readonly config: HubConfig
  readonly clock: () => number
  readonly paths: HubPaths
  readonly hubLog: HubLog
  readonly log: Logger
  readonly metrics: Metrics
  readonly health: Health
  readonly records: Records
  /** Holds the data folder. */
  readonly lock: Disposable
}

export function layFoundation({ config, print, version }: { readonly config: HubConfig; readonly print: (line: string) => void; readonly version: string }): Foundation {
  const clock = Date.now
  const paths = preparePaths(config)
  const lock = lockFolder(paths.lock)
  if (lock === undefined) throw new AppFault('conflict', `another hub uses the data folder ${paths.data}; stop it, or choose another folder with --data`)
  const hubLog = createHubLog({ clock, print })
  const log = createLogger(config.log_level, (line) => hubLog.write(line))
  const metrics = createMetrics(MAIN_METRICS)
  const health = createHealth()
  const records = openRecords(paths.database)
  metrics.set('hps_build_info', 1, { version, node_version: process.versions.node })
  let withheld = 0
  let unprinted = 0
  metrics.onCollect(() => {
    metrics.add('hps_hub_log_withheld_total', {}, hubLog.withheld - withheld)
    withheld = hubLog.withheld
    metrics.add('hps_hub_log_unprinted_total', {}, hubLog.unprinted - unprinted)
    unprinted = hubLog.unprinted
    for (const [check, { status }] of Object.entries(health.report().checks)) metrics.set('hps_health', status === 'pass' ? 0 : status === 'warn' ? 1 : 2, { check })
  })
  return { config, clock, paths, hubLog, log, metrics, health, records, lock }
}
