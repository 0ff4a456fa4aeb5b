export { isForward, upstreamUrl, type SinkConfig, type SinksConfig } from './config.ts'
export { SINK_METRICS } from './metrics.ts'
export { SINK_FAULTS, type SeqRange, type SinkFault, type SinksCommand, type SinksEvent, type SinkStatus, type UpstreamStatus } from './protocol.ts'
