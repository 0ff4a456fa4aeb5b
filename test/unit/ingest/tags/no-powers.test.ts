import { expect, test } from 'vitest'
import { PARSE_FAULTS } from '#domain/message.ts'
import { isAccessRow } from '../../../../src/sessions/file-line.ts'
import { batchOf } from '../../../support/store/batches.ts'

test('a web server whose name a mapping gave says nothing about who asked it', () => {
  const mapped = 1 << PARSE_FAULTS.indexOf('mapped-app')
  const batch = batchOf([{ app: 'nginx' }, { app: 'nginx', faults: mapped }])
  expect([0, 1].map((row) => isAccessRow({ isFileServer: true }, batch, row))).toEqual([true, false])
})
