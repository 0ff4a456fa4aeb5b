import { expect, test } from 'vitest'
import { createWatermark } from '#store/index.ts'
import { createStoreJobs, type Job } from '../../../src/app/store-jobs.ts'
import type { SealerCommand } from '../../../src/app/threads/sealer.ts'

function ground() {
  const sent: SealerCommand[] = []
  const ended: Job[] = []
  const jobs = createStoreJobs({ checker: { directory: '', databasePath: '', watermark: createWatermark() }, clock: () => 1000, toSealer: (command) => void sent.push(command), onEnd: (job) => void ended.push(job) })
  return { jobs, sent, ended }
}

test('one piece of work at a time: the next is refused until it has ended', () => {
  const { jobs, sent, ended } = ground()
  const { id } = jobs.start({ kind: 'backup', target: '/b', by: 'anna' })
  expect(sent).toEqual([{ kind: 'backup', id, target: '/b' }])
  expect(() => jobs.start({ kind: 'compact', by: 'anna' })).toThrow('a backup of the store is running')
  jobs.on({ kind: 'progress', id, done: 3, total: 10 })
  expect(jobs.job(id)).toMatchObject({ state: 'running', done: 3, total: 10 })
  jobs.on({ kind: 'done', id, backup: { path: '/b/x', bytes: 10, files: 2, lastSeq: 9, leftOut: [] } })
  expect(jobs.job(id)).toMatchObject({ state: 'done', done: 10, result: { path: '/b/x', last_seq: 9 } })
  expect(ended).toHaveLength(1)
  expect(jobs.start({ kind: 'compact', by: 'anna' }).id).not.toBe(id)
})

test('a refused piece of work says why, and is cancelled only while it runs', () => {
  const { jobs, sent } = ground()
  const { id } = jobs.start({ kind: 'backup', target: '/b', by: 'anna' })
  expect(jobs.cancel(id)).toBe(true)
  expect(sent.at(-1)).toEqual({ kind: 'cancel', id })
  jobs.on({ kind: 'refused', id, code: 'conflict', reason: 'the backup was cancelled' })
  expect(jobs.job(id)).toMatchObject({ state: 'failed', failure: { reason: 'the backup was cancelled' } })
  expect(jobs.cancel(id)).toBe(false)
  expect(jobs.cancel(99)).toBe(false)
})

test('ended work is forgotten after a while, what runs is not', () => {
  const { jobs } = ground()
  for (let i = 0; i < 30; i++) {
    const { id } = jobs.start({ kind: 'compact', by: 'anna' })
    jobs.on({ kind: 'done', id })
  }
  expect(jobs.list()).toHaveLength(20)
})

test('the answer to an accepted loss comes back to who asked', async () => {
  const { jobs, sent } = ground()
  const answer = jobs.acceptLoss('x.damaged', 'anna')
  const command = sent[0] as Extract<SealerCommand, { kind: 'accept-loss' }>
  expect(command).toMatchObject({ kind: 'accept-loss', name: 'x.damaged', by: 'anna' })
  jobs.on({ kind: 'done', id: command.id, accepted: false })
  expect(await answer).toBe(false)
})
