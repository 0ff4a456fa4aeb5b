export { createHealth, type Health, type HealthReport, type HealthResult } from './health.ts'
export { createLogger, silentLogger, LOG_LEVELS, type Logger, type LogLevel } from './logger.ts'
export { createMetrics, type MetricDeclaration, type Metrics } from './metrics.ts'
export { createWorkerCounters, type WorkerCounter, type WorkerCounters } from './worker-counters.ts'
