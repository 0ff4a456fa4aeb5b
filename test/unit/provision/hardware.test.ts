import { expect, test } from 'vitest'
import { parseSerial, parseUuid } from '../../../src/provision/hardware.ts'

test.for<[string | undefined, string | undefined]>([
  ['11111111-2222-3333-4444-55555555555A', '11111111-2222-3333-4444-55555555555a'],
  [' 4c4c4544-0042-3510-8052-b4c04f4d3132 ', '4c4c4544-0042-3510-8052-b4c04f4d3132'],
  ['00000000-0000-0000-0000-000000000000', undefined],
  ['FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF', undefined],
  ['03000200-0400-0500-0006-000700080009', undefined],
  ['not-a-uuid', undefined],
  ['', undefined],
  [undefined, undefined],
])('the UUID %j is %j', ([text, uuid]) => {
  expect(parseUuid(text)).toBe(uuid)
})

test.for<[string | undefined, string | undefined]>([
  ['SN-0001', 'SN-0001'],
  [' 7CQ8W53 ', '7CQ8W53'],
  ['To Be Filled By O.E.M.', undefined],
  ['Default string', undefined],
  ['0123456789', undefined],
  ['00000000', undefined],
  ['XXXXXXX', undefined],
  ['x', undefined],
  ['SN\u0007', undefined],
  ['9'.repeat(10) + '1'.repeat(60), undefined],
  ['', undefined],
  [undefined, undefined],
])('the serial %j is %j', ([text, serial]) => {
  expect(parseSerial(text)).toBe(serial)
})
