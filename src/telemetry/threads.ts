/** The door for thread entries: counting without the registry and the logger, which only main needs and which cost megabytes a thread. */
export { createWorkerCounters } from './worker-counters.ts'
