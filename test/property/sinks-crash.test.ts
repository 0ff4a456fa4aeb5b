import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import { diskFiles } from '#sinks/threads.ts'
import type { SinkFiles } from '../../src/sinks/file/files.ts'
import { aBench, seqsOf } from '../support/sinks.ts'

/** Syncing is only simulated. */
const unsynced: SinkFiles = { ...diskFiles, sync() {}, syncFolder() {} }

class PowerCut extends Error {}

/** The disk of a machine whose power fails at the `atCall`-th call: what was not synced is there in part, as zeros, or not at all. */
function failing(folder: string, { atCall, keep, isZeroed, isOldPosition }: Cut): { readonly files: SinkFiles; cut(): void } {
  const synced = new Map<string, number>()
  let calls = 0
  let position: Buffer | undefined
  let positionBefore: Buffer | undefined
  const step = (): void => {
    if (++calls >= atCall) throw new PowerCut()
  }
  const files: SinkFiles = {
    ...unsynced,
    open: (path, how, mode) => (step(), diskFiles.open(path, how, mode)),
    write(fd, bytes) {
      if (calls + 1 >= atCall) diskFiles.write(fd, bytes.subarray(0, Math.floor(bytes.length * keep)))
      step()
      return diskFiles.write(fd, bytes)
    },
    sync(fd) {
      step()
      const { id, bytes } = diskFiles.statOf(fd)
      synced.set(id, bytes)
    },
    truncate: (fd, bytes) => (step(), diskFiles.truncate(fd, bytes)),
    rename(from, to) {
      step()
      if (to.endsWith('.json')) {
        positionBefore = position
        position = readFileSync(from)
      }
      diskFiles.rename(from, to)
    },
    remove: (path) => (step(), diskFiles.remove(path)),
    syncFolder() {
      step()
      positionBefore = position
    },
  }
  return {
    files,
    cut() {
      for (const name of readdirSync(folder).filter((each) => /\.log(\.\d{8}T\d{6}Z-\d+)?$/.test(each))) {
        const path = join(folder, name)
        const { id, bytes } = diskFiles.stat(path)!
        const safe = synced.get(id) ?? bytes // a file of an earlier run
        if (safe >= bytes) continue
        const kept = safe + Math.floor((bytes - safe) * keep)
        truncateSync(path, kept)
        if (isZeroed) truncateSync(path, bytes)
      }
      if (isOldPosition && positionBefore !== undefined) writeFileSync(join(folder, 'all.json'), positionBefore)
    },
  }
}

interface Cut { readonly atCall: number; readonly keep: number; readonly isZeroed: boolean; readonly isOldPosition: boolean; readonly rows: number }
const cut = fc.record({ atCall: fc.integer({ min: 1, max: 60 }), keep: fc.double({ min: 0, max: 1, noNaN: true }), isZeroed: fc.boolean(), isOldPosition: fc.boolean(), rows: fc.integer({ min: 0, max: 40 }) })

test.prop([fc.array(cut, { minLength: 1, maxLength: 12 }), fc.constantFrom('none', '512B', '2KiB'), fc.constantFrom('none', 'gzip')], { numRuns: 100 })(
  'whenever the power fails between write, sync, position, rotation and compression, the files hold every seq once and in order',
  (cuts, size, compress) => {
    const folder = mkdtempSync(join(tmpdir(), 'hps-sink-'))
    try {
      const bench = aBench({ folder, files: unsynced, rotate: { size, compress: compress as 'none' | 'gzip', keep: 10_000 } })
      let last = 0
      for (const each of cuts) {
        const disk = failing(folder, each)
        bench.restart({ files: disk.files })
        bench.commit(Array.from({ length: each.rows }, (_, i) => ({ node: 1, app: 'app', text: `${last + i} ${'x'.repeat(i % 70)}` })))
        last += each.rows
        // a step tells its failure as any other, and is not tried again: the time stands still
        bench.drain()
        bench.restart()
        disk.cut()
        bench.nowMs += 1000
      }
      bench.restart()
      for (let i = 0; i < 3; i++) {
        bench.nowMs += 60_000
        bench.drain()
      }
      const texts = readdirSync(folder)
        .filter((name) => /^all\.log\.\d.*-\d+(\.gz)?$/.test(name))
        .filter((name, _, all) => name.endsWith('.gz') || !all.includes(`${name}.gz`)) // cut off between the two
        .toSorted((a, b) => Number(/-(\d+)/.exec(a)![1]) - Number(/-(\d+)/.exec(b)![1]) || (a < b ? -1 : 1))
        .map((name) => (name.endsWith('.gz') ? gunzipSync(readFileSync(join(folder, name))).toString() : readFileSync(join(folder, name), 'utf8')))
      const current = statSync(bench.path, { throwIfNoEntry: false }) === undefined ? '' : readFileSync(bench.path, 'utf8')
      expect([...texts, current].flatMap(seqsOf)).toEqual(Array.from({ length: last }, (_, i) => i + 1))
      expect(bench.sink.status().lost).toBe(0)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
)
