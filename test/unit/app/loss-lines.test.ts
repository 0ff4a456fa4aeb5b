import { expect, test } from 'vitest'
import { LOSS_HOUR_MS, type LossReason } from '#domain/loss.ts'
import { createLossLines } from '#app/loss-lines.ts'
import { createLossRecords, openHubDatabase } from '#store/index.ts'
import { silentLogger, type Logger } from '#telemetry/index.ts'

const HOUR = 500_000 * LOSS_HOUR_MS
function start() {
  const losses = createLossRecords(openHubDatabase(':memory:'))
  const lines: unknown[] = []
  const log: Logger = { ...silentLogger, warn: (fields: unknown) => void lines.push(fields) } as Logger
  const time = { ms: HOUR + 60_000 }
  const lose = (reason: LossReason, count: number, sessionId = 1) => losses.add({ hourMs: Math.floor(time.ms / LOSS_HOUR_MS) * LOSS_HOUR_MS, sourceId: 1, listener: 'udp:514', sessionId, reason, count, firstMs: time.ms, lastMs: time.ms })
  return { lines, time, lose, look: createLossLines({ losses, clock: () => time.ms, log }) }
}

test('what was lost since the last look is said by reason; what was lost before the first is not', () => {
  const { lines, time, lose, look } = start()
  lose('shed', 100)
  look()
  lose('shed', 5)
  lose('shed', 2, 7)
  lose('kernel-buffer', 3)
  look()
  look()
  time.ms += LOSS_HOUR_MS
  lose('shed', 4)
  look()
  expect(new Set(lines)).toEqual(new Set([{ reason: 'shed', count: 7 }, { reason: 'kernel-buffer', count: 3 }, { reason: 'shed', count: 4 }]))
})

test('what is stored twice, cut, or came after all is no loss', () => {
  const { lines, lose, look } = start()
  look()
  lose('doubled', 5)
  lose('cut', 5)
  lose('missing', 5)
  look()
  lose('missing', -5)
  look()
  expect(lines).toEqual([{ reason: 'missing', count: 5 }])
})

