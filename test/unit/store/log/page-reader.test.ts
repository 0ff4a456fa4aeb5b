import { copyFileSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { seqOf } from '#domain/batch.ts'
import { loadChunk } from '../../../../src/store/log/read/chunk.ts'
import { createRunDecoder } from '../../../../src/store/log/read/load-run.ts'
import { openSnapshots } from '../../../../src/store/log/read/snapshot.ts'
import { STORED_COLUMNS } from '../../../../src/store/log/segments/format.ts'
import { testFolder } from '../../../support/store/folder.ts'
import { readByThePage } from '../../../support/store/page-reader.ts'

const VERSION_2 = fileURLToPath(new URL('../../../fixtures/store/version-2/', import.meta.url))
const COLUMNS = STORED_COLUMNS.map(({ name }) => name).filter((name) => name !== 'frameStart')

test.for(readdirSync(VERSION_2).filter((name) => name.endsWith('.db')))('a reader written from the page reads in %s what the program reads', (name) => {
  const directory = testFolder()
  mkdirSync(join(directory, 'segments'))
  copyFileSync(join(VERSION_2, name), join(directory, name))
  const snapshots = openSnapshots(directory, undefined)
  const decoder = createRunDecoder()
  const expected = snapshots.take().flatMap((chunk) => {
    const batch = loadChunk(chunk, decoder)
    return Array.from({ length: batch.rows }, (_, row) => ({
      seq: seqOf(batch, row),
      frame: Buffer.from(batch.bytes.subarray(batch.frameStart[row]!, batch.frameStart[row]! + batch.frameLen[row]!)).toString('latin1'),
      columns: Object.fromEntries(COLUMNS.map((column) => [column, batch[column][row]])),
    }))
  })
  snapshots.close()
  const file = new Database(join(directory, name))
  const rows = readByThePage(file).map(({ frame, ...row }) => ({ ...row, frame: frame.toString('latin1') }))
  file.close()
  expect(rows.length).toBeGreaterThan(50)
  expect(rows.toSorted((a, b) => a.seq - b.seq)).toEqual(expected)
})
