import { copyFileSync, cpSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { openLogStore } from '#store/index.ts'
import { batchOf, NOON_MS } from '../../../support/store/batches.ts'
import { digestStore, type StoreDigest } from '../../../support/store/digest-store.ts'
import { testFolder } from '../../../support/store/folder.ts'
import { fileVersion } from '../../../../src/store/log/seal/day-files.ts'
import { RUN_FILE_VERSION } from '../../../../src/store/log/seal/runs/run-file.ts'

/** What was in the recorded stores when they were recorded. A version may come; none may go as long as somebody has files of it. */
const RECORDED: readonly (StoreDigest & { readonly version: number })[] = [
  { version: 1, rows: 480, firstSeq: 1, lastSeq: 480, sha256: 'e9cefe3e623d75716175f10d002b252dbd08fb086afe95a397c0fd29613c19e3' },
  { version: 2, rows: 1591, firstSeq: 2, lastSeq: 1820, sha256: 'bba6ee4f5fbe050df73ec1abfe25016b587cbe3d4a30da6cae2adbf4560eda7d' },
]
const YEAR_MS = 366 * 86_400_000

function copyOf(version: number): string {
  const directory = testFolder()
  cpSync(new URL(`../../../fixtures/store/version-${version}/`, import.meta.url), directory, { recursive: true })
  return directory
}
const open = (directory: string) => openLogStore({ directory, segmentBytes: 1e9, sealAfterMs: 1, retentionMs: YEAR_MS, clock: () => NOON_MS })

test('there is a recorded store of every version, the newest is the one that is written', () => {
  expect(RECORDED.map(({ version }) => version)).toEqual(Array.from({ length: RUN_FILE_VERSION }, (_, i) => i + 1))
  for (const { version } of RECORDED) for (const name of readdirSync(copyOf(version)).filter((file) => file.endsWith('.db'))) expect([name, fileVersion(join(copyOf(version), name))]).toEqual([name, version])
})

test.for(RECORDED)('a store of version $version gives every byte back, as it is and when it is sealed and rewritten', ({ version, ...recorded }) => {
  const directory = copyOf(version)
  expect(digestStore(directory)).toEqual(recorded)
  const store = open(directory)
  const report = store.maintain({ nowMs: NOON_MS })
  expect(report.damaged).toEqual([])
  expect(digestStore(directory)).toEqual(recorded)
  store.compact({ nowMs: NOON_MS })
  const files = readdirSync(directory).filter((name) => name.endsWith('.db'))
  expect(files.map((name) => fileVersion(join(directory, name)))).toEqual(files.map(() => RUN_FILE_VERSION))
  expect(digestStore(directory)).toEqual(recorded)
  store.close()
})

test('blocks of version 1 of a segment that was not sealed whole are not served, and go when it is', () => {
  const directory = copyOf(1)
  const other = testFolder()
  const writer = open(other).writer
  for (let segment = 1; segment <= 3; segment++) {
    writer.append(batchOf(Array.from({ length: 160 }, () => ({ text: `of segment ${segment}` }))))
    writer.rotate()
  }
  writer.close()
  // as after a crash before the mark of segment 3 was on disk
  const segment = join('segments', '0000000003.seg')
  copyFileSync(join(other, segment), join(directory, segment))
  const file = new Database(join(directory, '2026-11-21.001.db'))
  expect(file.prepare('DELETE FROM sealed_segments WHERE number = 3').run().changes).toBe(1)
  expect(file.prepare('SELECT count(*) FROM blocks WHERE segment = 3').pluck().get()).toBe(1)
  file.close()
  const store = open(directory)
  const check = (): void => {
    const messages = store.reader.readAfter(0, 10_000)
    expect(messages.map(({ seq }) => seq)).toEqual(Array.from({ length: 480 }, (_, i) => i + 1))
    expect(new Set(messages.slice(320).map(({ text }) => text))).toEqual(new Set(['of segment 3']))
  }
  check()
  expect(store.maintain({ nowMs: NOON_MS })).toMatchObject({ sealedRows: 160, damaged: [] })
  check()
  store.compact({ nowMs: NOON_MS })
  check()
  store.close()
})
