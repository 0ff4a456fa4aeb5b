import { expect, test } from 'vitest'
import { createHubLog } from '../../../src/app/hub-log.ts'
import { createLogger } from '#telemetry/index.ts'

function recorded(clock = () => 0) {
  const printed: string[] = []
  const log = createHubLog({ clock, print: (line) => printed.push(line) })
  return { printed, log, logger: createLogger('info', (line) => log.write(line)) }
}

test('a line is printed for people and goes into the stream as RFC 5424', () => {
  const { printed, log, logger } = recorded()
  const frames: string[] = []
  logger.warn({ listener: 'udp', reason: 'no room\nfor it' }, 'Listener failed')
  log.connect((frame) => frames.push(Buffer.from(frame).toString()) > 0)
  expect(printed[0]).toMatch(/^\d{4}-\S+Z warning Listener failed listener=udp reason="no room\\nfor it"$/)
  expect(frames[0]).toMatch(/^<44>1 \S+Z \S+ hps-hub \d+ - - Listener failed listener=udp reason="no room\\nfor it"\n$/)
})

test('secrets do not get through', () => {
  const { printed, logger } = recorded()
  logger.info({ token: 'hps_op_x', request: { authorization: 'Bearer y' } }, 'Call')
  expect(printed[0]).not.toMatch(/hps_op_x|Bearer/)
})

test('a flood that never ends is not printed without end either, and is counted', () => {
  let nowMs = 0
  const { printed, log, logger } = recorded(() => nowMs)
  for (let i = 0; i < 5000; i++) logger.info({ i }, 'Again')
  expect([printed.length, log.unprinted]).toEqual([1000, 4000])
  nowMs = 1000
  logger.info({}, 'Another second')
  expect(printed).toHaveLength(1001)
})

test('a flood of own lines is printed but does not flood the stream', () => {
  const { printed, log, logger } = recorded()
  let frames = 0
  log.connect(() => ++frames > 0)
  for (let i = 0; i < 500; i++) logger.info({ i }, 'Again')
  expect([printed.length, frames, log.withheld]).toEqual([500, 200, 300])
})
