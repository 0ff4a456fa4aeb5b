export type { SinkConfig, SinksConfig } from './config.ts'
export { SINK_METRICS } from './metrics.ts'
export { SINK_FAULTS, type SeqRange, type SinkFault, type SinksCommand, type SinksEvent, type SinkStatus } from './protocol.ts'
