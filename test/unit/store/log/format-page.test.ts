import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { BLOCK_BYTES, BLOCK_ROWS } from '../../../../src/store/log/seal/runs/run.ts'
import { APPLICATION_ID } from '../../../../src/store/log/seal/day-files.ts'
import { DAY_FILE_VERSION } from '../../../../src/store/log/seal/version-1/day-file.ts'
import { ROW_BYTES, SEGMENT_VERSION, STORED_COLUMNS } from '../../../../src/store/log/segments/format.ts'

const page = readFileSync(new URL('../../../../docs/reference/store-format.md', import.meta.url), 'utf8')

test('the page names the versions and the columns of the code', () => {
  expect(page).toContain(`## Segments, version ${SEGMENT_VERSION}`)
  expect(page).toContain(`## Sealed files, version ${DAY_FILE_VERSION}`)
  expect(page).toContain(`\`application_id\` 0x${APPLICATION_ID.toString(16)}`)
  const [listed] = page.split(`Stored columns, ${ROW_BYTES} bytes a row:`)[1].split('.\n')
  expect([...listed.matchAll(/`([^`]+)`/g)].map((match) => match[1])).toEqual(STORED_COLUMNS.map(({ name, type }) => `${name}:${type}`))
  expect([page.includes(`up to ${BLOCK_ROWS} rows or 1 MiB`), BLOCK_BYTES]).toEqual([true, 1024 ** 2])
})
