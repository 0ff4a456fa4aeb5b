import type { CorrelatorBounds } from './bounds.ts'
import type { CorrelateCounter, CorrelateCounters } from './counters.ts'
import type { SlotStore } from './memory/slot-store.ts'
import type { RuleMemory } from './rule-memory.ts'

interface Bounded {
  readonly store: SlotStore
  readonly bounds: CorrelatorBounds
  /** By owner number. */
  readonly owners: readonly (RuleMemory | undefined)[]
  readonly counters: CorrelateCounters
  readonly nowMs: number
}

/**
 * Forgets what is too much, what was touched longest ago first: of the rule that was busy, or of all. Keys of the inventory
 * (`absent.each`) stay: there are as many as nodes.
 */
export function keepToBounds(bounded: Bounded, memory: RuleMemory): void {
  const { store, bounds } = bounded
  while (memory.keys.owner.count > bounds.keysPerRule) drop(bounded, memory, 'droppedOfRule')
  while (store.size > bounds.keys && dropOldest(bounded, 'droppedOfAll'));
  while (store.arena.usedBytes > bounds.bytes && dropOldest(bounded, 'droppedForRoom'));
}

function drop({ counters, nowMs }: Bounded, memory: RuleMemory, counter: CorrelateCounter): void {
  memory.drop(memory.keys.owner.oldest, nowMs)
  counters.add(counter)
}

/** False: there is none that may go. */
function dropOldest(bounded: Bounded, counter: CorrelateCounter): boolean {
  const { store, owners } = bounded
  let oldest: RuleMemory | undefined
  for (const memory of owners) {
    if (memory === undefined || memory.keys.owner.oldest < 0) continue
    if (oldest === undefined || store.touchedAt(memory.keys.owner.oldest) < store.touchedAt(oldest.keys.owner.oldest)) oldest = memory
  }
  if (oldest === undefined) return false
  drop(bounded, oldest, counter)
  return true
}
