/** The door for thread entries: the writer without the settings' schemas, which only main needs and which cost megabytes a thread. */
export type { SessionsConfig, SourcesConfig } from './config.ts'
export { WRITER_COUNTERS } from './counters.ts'
export type { WriterCommand, WriterEvent } from './protocol.ts'
export { createWriter } from './writer.ts'
