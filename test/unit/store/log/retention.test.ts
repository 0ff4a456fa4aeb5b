import { expect, test } from 'vitest'
import { decideRetention, type RetentionInput } from '../../../../src/store/log/retention.ts'

const DAY_MS = 86_400_000
const NOW = 1000.5 * DAY_MS
const file = (day: number, newestMs: number | undefined = (day + 0.9) * DAY_MS) => ({ name: `day ${day}`, day, newestMs })
const input = (change: Partial<RetentionInput>): RetentionInput => ({ files: [file(990), file(995), file(1000, NOW)], retentionMs: 5 * DAY_MS, newestMs: NOW, previous: undefined, nowMs: NOW, ...change })

test.for<{ readonly name: string; readonly change: Partial<RetentionInput>; readonly remove: readonly string[]; readonly held?: string }>([
  { name: 'a day that ended longer ago than the retention goes', change: {}, remove: ['day 990'] },
  { name: 'a day whose end is exactly as old goes', change: { newestMs: 1001 * DAY_MS, retentionMs: 5 * DAY_MS, nowMs: 1001 * DAY_MS }, remove: ['day 990', 'day 995'] },
  { name: 'a file that holds a newer message than its day stays', change: { files: [file(990, NOW)] }, remove: [] },
  { name: 'an unreadable old file goes by its name', change: { files: [{ name: 'day 990', day: 990, newestMs: undefined }, { name: 'day 996', day: 996, newestMs: undefined }] }, remove: ['day 990'] },
  { name: 'nothing stored, nothing to do', change: { files: [], newestMs: undefined }, remove: [], held: 'empty' },
  { name: 'the newest message is more than a day ahead of the clock', change: { nowMs: NOW - DAY_MS - 1 }, remove: [], held: 'newest-in-future' },
  { name: 'exactly a day ahead is believed', change: { nowMs: NOW - DAY_MS }, remove: ['day 990'] },
  { name: 'the newest message is more than a day behind the clock', change: { nowMs: NOW + DAY_MS + 1 }, remove: [], held: 'newest-in-past' },
  { name: 'exactly a day behind is believed', change: { nowMs: NOW + DAY_MS }, remove: ['day 990'] },
  { name: 'the newest message has jumped forward since the last look', change: { previous: { newestMs: NOW - 2 * DAY_MS, agoMs: 60_000 } }, remove: [], held: 'newest-jumped' },
  { name: 'the newest message has jumped backward since the last look', change: { previous: { newestMs: NOW + 2 * DAY_MS, agoMs: 60_000 } }, remove: [], held: 'newest-jumped' },
  { name: 'two days later is no jump when two days have passed', change: { previous: { newestMs: NOW - 2 * DAY_MS, agoMs: 2 * DAY_MS } }, remove: ['day 990'] },
])('$name', ({ change, remove, held }) => {
  expect(decideRetention(input(change))).toEqual({ remove, ...(held === undefined ? {} : { held }) })
})
