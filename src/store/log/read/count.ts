import type { Batch } from '#domain/batch.ts'
import type { CountAnswer, CountKey, CountOptions } from '../../port.ts'
import type { ResolvedQuery } from '../../query.ts'
import { decodeRow } from './decode-row.ts'
import { compileMatcher } from './matcher.ts'
import type { SearchGround } from './search.ts'

/** Different groups that are counted; later ones are in `others`. */
const MAX_GROUPS = 100_000

/** Counts by looking at every row. */
export function countRows(query: ResolvedQuery, options: CountOptions, ground: SearchGround): CountAnswer {
  const match = compileMatcher(query)
  const groups = new Map<string, { readonly keys: readonly (string | number)[]; count: number }>()
  let total = 0
  let scannedRows = 0
  for (const chunk of ground.chunks) {
    if (options.isCancelled?.() === true || ground.clock() >= options.deadlineAtMs) break
    const batch = ground.load(chunk)
    for (let row = 0; row < batch.rows; row++) {
      scannedRows++
      if (!match(batch, row)) continue
      total++
      const keys = options.by.map((key) => keyOf(key, batch, row))
      const name = JSON.stringify(keys)
      const group = groups.get(name)
      if (group !== undefined) group.count++
      else if (groups.size < MAX_GROUPS) groups.set(name, { keys, count: 1 })
    }
  }
  const ordered = [...groups.values()].sort((a, b) => b.count - a.count).slice(0, options.limit)
  const given = ordered.reduce((sum, group) => sum + group.count, 0)
  return { total, groups: ordered, distinct: groups.size, isBounded: groups.size >= MAX_GROUPS, others: total - given, complete: true, scannedRows }
}

function keyOf(key: CountKey, batch: Batch, row: number): string | number {
  if (key.kind === 'time') return Math.floor(batch.receivedMs[row] / key.stepMs) * key.stepMs
  if (key.kind === 'param') return ''
  const message = decodeRow(batch, row)
  switch (key.field) {
    case 'node': return message.nodeId
    case 'session': return message.sessionId
    case 'source': return message.sourceId
    case 'template': return (batch.templateHi[row].toString(16).padStart(8, '0') + batch.templateLo[row].toString(16).padStart(8, '0'))
    case 'severity': return batch.pri[row] & 7
    case 'facility': return batch.pri[row] >> 3
    default: return message[key.field].toLowerCase()
  }
}
