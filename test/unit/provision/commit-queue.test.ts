import { expect, test } from 'vitest'
import { createCommitQueue } from '../../../src/provision/commit-queue.ts'

/** A transaction that only notes its begin and end, and a turn of the event loop that the test makes. */
function aQueue({ fails = () => false }: { readonly fails?: (turn: number) => boolean } = {}) {
  const turns: (() => void)[] = []
  const log: string[] = []
  let depth = 0
  let turn = 0
  const queue = createCommitQueue({
    transaction: (body) => {
      const isOuter = depth++ === 0
      if (isOuter) log.push('begin')
      try {
        const value = body()
        if (isOuter && fails(turn++)) throw new Error('the disk is full')
        return value
      } finally {
        depth--
        if (isOuter) log.push('end')
      }
    },
    defer: (run) => void turns.push(run),
  })
  return { queue, log, turns, turnOnce: () => turns.shift()?.() }
}

test('writes that arrive together share one transaction, and are answered after it', async () => {
  const { queue, log, turns, turnOnce } = aQueue()
  const answers = ['a', 'b', 'c'].map((name) => queue.run(() => (log.push(name), name)))
  expect(log).toEqual([])
  turnOnce()
  expect(log).toEqual(['begin', 'a', 'b', 'c', 'end'])
  expect(await Promise.all(answers)).toEqual(['a', 'b', 'c'])
  expect(turns).toEqual([])
})

test('a write that throws fails alone', async () => {
  const { queue, turnOnce } = aQueue()
  const answers = [queue.run(() => 1), queue.run((): number => { throw new Error('no') }), queue.run(() => 3)]
  turnOnce()
  expect(await Promise.allSettled(answers)).toMatchObject([{ value: 1 }, { reason: { message: 'no' } }, { value: 3 }])
})

test('when the transaction fails all of its writes fail, and the next one is tried', async () => {
  const { queue, turnOnce } = aQueue({ fails: (turn) => turn === 0 })
  const first = [queue.run(() => 1), queue.run(() => 2)]
  turnOnce()
  expect(await Promise.allSettled(first)).toMatchObject([{ reason: { message: 'the disk is full' } }, { reason: { message: 'the disk is full' } }])
  const second = queue.run(() => 3)
  turnOnce()
  expect(await second).toBe(3)
})

test('a great many are taken in groups, so that other work comes in between', async () => {
  const { queue, log, turnOnce } = aQueue()
  const answers = Array.from({ length: 600 }, (_, n) => queue.run(() => n))
  turnOnce()
  turnOnce()
  turnOnce()
  expect(log.filter((entry) => entry === 'begin')).toHaveLength(3)
  expect(await Promise.all(answers)).toEqual(Array.from({ length: 600 }, (_, n) => n))
})
