import type { Routes } from '../room.ts'
import { ackRoutes } from './ack.ts'
import { alertSilenceRoutes } from './alert-silences.ts'
import { alertStreamRoutes } from './alert-stream.ts'
import { alertRoutes } from './alerts.ts'
import { assetRoutes } from './assets.ts'
import { bootLogRoutes } from './boot-log.ts'
import { bootRoutes } from './boot.ts'
import { doctorRoutes } from './doctor.ts'
import { exportRoutes } from './export.ts'
import { healthRoutes } from './health.ts'
import { ingestRoutes } from './ingest.ts'
import { lossRoutes } from './losses.ts'
import { logRoutes } from './logs.ts'
import { loginRoutes } from './login.ts'
import { metricsRoutes } from './metrics.ts'
import { nodeRoutes } from './nodes.ts'
import { outboxRoutes } from './outbox.ts'
import { overviewRoutes } from './overview.ts'
import { pageRoutes } from './pages.ts'
import { ruleRoutes } from './rules.ts'
import { sessionRoutes } from './sessions.ts'
import { silenceRoutes } from './silences.ts'
import { sinkRoutes } from './sinks.ts'
import { sourceRoutes } from './sources.ts'
import { storeRoutes } from './store.ts'
import { streamRoutes } from './stream.ts'
import { tokenRoutes } from './tokens.ts'

/** Every route group; each is registered in a scope of its own, so body parsers do not leak from one to another. */
export const ROUTES: readonly Routes[] = [
  logRoutes, ingestRoutes, ackRoutes, streamRoutes, exportRoutes, sessionRoutes, storeRoutes, nodeRoutes, sourceRoutes, lossRoutes, silenceRoutes, alertRoutes, alertStreamRoutes, alertSilenceRoutes, ruleRoutes, outboxRoutes, sinkRoutes, overviewRoutes, doctorRoutes, tokenRoutes, loginRoutes,
  bootRoutes, bootLogRoutes, assetRoutes, metricsRoutes, healthRoutes, pageRoutes,
]
