import { expect, test } from 'vitest'
import { testFolder } from '../../../support/store/folder.ts'
import { findLosses, runAndKill } from '../../../support/store/kill-log-child.ts'

test.for([
  { mode: 'append', acks: [1, 40, 7] },
  { mode: 'seal', acks: [3, 5, 30, 4] },
] as const)('killed again and again while it does $mode, the store has every acknowledged message once', async ({ mode, acks }) => {
  const directory = testFolder()
  for (const count of acks) {
    const acked = await runAndKill({ directory, mode, acks: count })
    expect(acked).toBeGreaterThan(0)
    expect(findLosses(directory, acked).slice(0, 5)).toEqual([])
  }
})
