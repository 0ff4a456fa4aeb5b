import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { blamed, blameOf } from '#triggers/correlate/blame.ts'
import { aLine, aRule, bench, fulfils, line } from './support.ts'

const broken = (): never => {
  throw new TypeError('no good')
}
const thrownBy = (work: () => void): unknown => {
  try {
    work()
  } catch (fault) {
    return fault
  }
  return undefined
}

test('what is thrown for a message says of which rule and which message', () => {
  const rule = aRule({ kind: 'count', on: line('x'), atLeast: 2, withinMs: 10, distinct: 'x', reset: undefined })
  const { correlator } = bench([rule])
  const captures = { get x() { return broken() } }
  const fault = thrownBy(() => correlator.take(rule, fulfils(rule, 'on').map((one) => ({ ...one, captures })), aLine(5, { seq: 77 })))
  expect([(fault as Error).message, blameOf(fault)]).toEqual(['no good', { rule: 'a.rule', seq: 77 }])
})

test('what is no fault of a rule blames nobody', () => {
  expect([blameOf(new Error('x')), blameOf('x'), blameOf(undefined), blamed('x', { rule: 'r' })]).toEqual([undefined, undefined, undefined, 'x'])
})

test('the blame comes to the thread that hears of the death', async () => {
  const code = `throw Object.assign(new Error('no good'), { blame: { rule: 'r', seq: 7 } })`
  const { promise, resolve } = Promise.withResolvers<unknown>()
  new Worker(code, { eval: true }).once('error', resolve)
  expect(blameOf(await promise)).toEqual({ rule: 'r', seq: 7 })
})
