export { HubConfig } from './config.ts'
export { declaredQueues } from './queue-table.ts'
export { metricTables } from './metric-tables.ts'
export { startHub, type RunningHub } from './start-hub.ts'
