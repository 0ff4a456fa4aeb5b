import { expect, test } from 'vitest'
import { INGEST_COUNTERS } from '#ingest/index.ts'
import { createWorkerCounters } from '#telemetry/index.ts'
import { warmUp, WARM_UP_MESSAGES } from '../../../src/ingest/warm-up.ts'

test('the warm-up reads every one of its messages, as datagrams and as a stream', () => {
  expect(warmUp({ counters: createWorkerCounters(INGEST_COUNTERS), clock: () => 0 })).toBe(WARM_UP_MESSAGES)
})
