export { HubConfig } from './config.ts'
export { metricTables } from './metric-tables.ts'
export { startHub, type RunningHub, type StartHubOptions } from './start-hub.ts'
