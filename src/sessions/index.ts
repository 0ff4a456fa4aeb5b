export { SessionsConfig, SourcesConfig } from './config.ts'
export { WRITER_COUNTERS } from './counters.ts'
export type { StreamEvent, WriterCommand, WriterEvent, WriterReply } from './protocol.ts'
export { createWriter, type Writer } from './writer.ts'
