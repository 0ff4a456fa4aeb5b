export { HubConfig } from './config.ts'
export { startHub, type RunningHub, type StartHubOptions } from './start-hub.ts'
