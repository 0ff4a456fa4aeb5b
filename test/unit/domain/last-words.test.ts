import { describe, expect, test } from 'vitest'
import { isFatal, LAST_LOOKED_AT, LAST_WORDS, pickLastWords } from '#domain/last-words.ts'
import { stored } from '../triggers/support.ts'

const KERN_INFO = 6
const KERN_CRIT = 2
const USER_CRIT = 10

describe('what tells of an end', () => {
  test.each([
    ['Kernel panic - not syncing: Fatal exception', KERN_INFO],
    ['Oops: 0002 [#1] SMP', KERN_INFO],
    ['BUG: unable to handle page fault for address: 0000', KERN_INFO],
    ['Call Trace:', KERN_INFO],
    ['mce: [Hardware Error]: CPU 3: Machine Check: 0 Bank 5', KERN_INFO],
    ['Out of memory: Killed process 812 (node)', KERN_INFO],
    ['watchdog: BUG: soft lockup - CPU#1 stuck for 22s!', KERN_INFO],
    ['INFO: task kworker blocked for more than 120 seconds.', KERN_INFO],
    ['anything at all', KERN_CRIT],
  ])('%s', (text, pri) => expect(isFatal(stored({ text, pri }, 1))).toBe(true))

  test.each([
    ['all is well', KERN_INFO],
    ['a program thinks this is critical', USER_CRIT],
    ['DEBUG: looking', KERN_INFO],
    ['debugging oopsie daisies', KERN_INFO],
  ])('not: %s', (text, pri) => expect(isFatal(stored({ text, pri }, 1))).toBe(false))
})

test('the last messages are the newest, oldest first; what tells of an end is found further back, but not beyond its bound', () => {
  const newestFirst = Array.from({ length: 600 }, (_, at) => stored({ text: [100, 499, 500].includes(at) ? 'Kernel panic' : 'x' }, 600 - at))
  const { messages, fatal } = pickLastWords(newestFirst)
  expect(messages.map(({ seq }) => seq)).toEqual(Array.from({ length: LAST_WORDS }, (_, at) => 581 + at))
  expect(fatal.map(({ seq }) => seq)).toEqual([600 - LAST_LOOKED_AT + 1, 500])
})
