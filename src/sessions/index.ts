export { SessionsConfig, SourcesConfig } from './config.ts'
export { WRITER_COUNTERS, type WriterCounters } from './counters.ts'
export type { IdentifiedBy, StreamEvent, WriterCommand, WriterEvent, WriterReply } from './protocol.ts'
export { createWriter, type Writer, type WriterOptions } from './writer.ts'
