import { beforeEach, expect, test } from 'vitest'
import { createBatch, packBatch, type BatchHeader } from '#domain/batch.ts'
import { createLender, type Lender } from '../../../src/app/threads/lender.ts'

const AHEAD = 2
let lent: number[]
let returned: number[]
let lender: Lender
beforeEach(() => {
  lent = []
  returned = []
  lender = createLender({ ahead: AHEAD, lend: ({ firstSeq }) => void lent.push(firstSeq), giveBack: ({ firstSeq }) => void returned.push(firstSeq) })
})

function committed(firstSeq: number, rows = 10): BatchHeader {
  const header = { ...packBatch(createBatch(16, 64)), firstSeq, rows }
  lender.offer(header)
  lender.release(header)
  return header
}

test('a batch that is lent goes back when the reader has taken it, and only then', () => {
  committed(1)
  expect({ lent, returned }).toEqual({ lent: [1], returned: [] })
  lender.taken(10)
  lender.taken(10)
  expect(returned).toEqual([1])
})

test('a reader that is behind is lent nothing more, and the batch goes back at once', () => {
  for (const firstSeq of [1, 11, 21]) committed(firstSeq)
  expect({ lent, returned }).toEqual({ lent: [1, 11], returned: [21] })
  lender.taken(20)
  committed(31)
  expect({ lent, returned }).toEqual({ lent: [1, 11, 31], returned: [21, 11] })
})

test('a batch that was never offered goes back, whatever its numbers say', () => {
  committed(1)
  // refused by the disk, or without rows: its numbers may be those of a batch that is lent
  lender.release({ ...packBatch(createBatch(16, 64)), firstSeq: 1, rows: 10 })
  lender.release({ ...packBatch(createBatch(16, 64)), firstSeq: 11, rows: 0 })
  expect(returned).toEqual([1, 11])
})

test('what a reader had that is no more comes back, once', () => {
  committed(1)
  committed(11)
  lender.recall()
  expect(returned).toEqual([1, 11])
  lender.taken(10)
  expect(returned).toEqual([1, 11])
  committed(21)
  expect(lent).toEqual([1, 11, 21])
})
