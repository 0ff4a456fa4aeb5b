import type { KeyState } from './correlator.ts'
import { keyIds } from './key-plan.ts'
import { SPACES } from './rule-keys.ts'
import type { RuleMemory } from './rule-memory.ts'

export function explainKey(memory: RuleMemory | undefined, key: string, nowMs: number): KeyState | undefined {
  const slot = memory === undefined ? -1 : memory.keys.findText(key)
  return slot < 0 ? undefined : memory!.kind!.explain(slot, nowMs)
}

/** Last touched first. */
export function listKeys(memory: RuleMemory | undefined, { limit, nodeId, nowMs }: { readonly limit: number; readonly nodeId: number | undefined; readonly nowMs: number }): readonly { readonly key: string; readonly state: KeyState }[] {
  if (memory?.kind === undefined) return []
  const { keys, kind } = memory
  const listed: { key: string; state: KeyState }[] = []
  for (const slot of [...keys.pinnedStates(), ...keys.recent(SPACES.state)]) {
    if (listed.length >= limit) break
    if (nodeId === undefined || keyIds(keys.plan, keys.partsOf(slot), 0).nodeId === nodeId) listed.push({ key: keys.textOf(slot), state: kind.explain(slot, nowMs) })
  }
  return listed
}
