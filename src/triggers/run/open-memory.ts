import { createHubEventRecords, isDamaged, openRulesDatabase, setAside, type HubDatabase } from '#store/index.ts'
import type { CorrelatorBounds } from '../correlate/bounds.ts'
import type { Correlator } from '../correlate/correlator.ts'
import { createCorrelator } from '../correlate/create-correlator.ts'
import type { WorkerCounters } from '#telemetry/index.ts'
import type { RulesCounter } from '../counters.ts'
import type { Finding } from '../finding.ts'
import type { Inventory } from '../inventory.ts'
import type { Rule } from '../rules/rule.ts'
import { createSchedules, type Schedules } from '../schedule/schedules.ts'
import { createRulesState, type Position, type RulesState } from '../state/rules-state.ts'
import { RulesMemory } from './memory.ts'

export interface OpenMemoryOptions {
  /** `rules.db` */
  readonly path: string
  readonly hub: HubDatabase
  /** What main has given its effects: up to which message, and the last finding. */
  readonly applied: { readonly cursor: number; readonly findingId: number }
  readonly rules: readonly Rule[]
  readonly inventory: Inventory
  readonly counters: WorkerCounters<RulesCounter>
  readonly bounds?: CorrelatorBounds | undefined
  readonly seed: number
  readonly nowMs: number
  readonly tell: (level: 'warn' | 'error', fields: Readonly<Record<string, unknown>>, message: string) => void
}

export interface OpenedMemory {
  readonly memory: RulesMemory
  readonly state: RulesState
  readonly schedules: Schedules
  readonly position: Position
  /** On the disk, and perhaps without their effects. */
  readonly unapplied: readonly Finding[]
}

/** The memory as it was left, or a new one at main's cursor. A file that is damaged is put aside, loudly. Throws what a disk that refuses throws: then it is to be tried again. */
export function openMemory(options: OpenMemoryOptions): OpenedMemory {
  try {
    return open(options)
  } catch (error) {
    if (!isDamaged(error)) throw error
    const aside = setAside(options.path, options.nowMs)
    options.tell('error', { reason: (error as Error).message, aside }, 'rules.db is damaged and was put aside: windows and deadlines that were under way are forgotten')
    return open(options)
  }
}

function open(options: OpenMemoryOptions): OpenedMemory {
  const db = openRulesDatabase(options.path)
  try {
    const state = createRulesState(db)
    const kept = state.position()
    const position = startOf(kept, options)
    const pause = { fromMs: position.watermarkMs, toMs: Math.max(options.nowMs, position.watermarkMs) }
    const schedules = createSchedules({ marks: state.schedules(), pause })
    const correlator = restored(state, { ...options, pause })
    // a rule that was never seen begins now, also where the messages that are read first are of before
    schedules.replace(options.rules, pause.toMs)
    const memory = new RulesMemory({ correlator, schedules, state, counters: options.counters, findingId: position.findingId })
    memory.applied(options.applied.findingId)
    return { memory, state, schedules, position, unapplied: state.findings().filter(({ id }) => id > options.applied.findingId) }
  } catch (error) {
    db.close()
    throw error
  }
}

function restored(state: RulesState, { rules, inventory, counters, bounds, seed, pause }: OpenMemoryOptions & { readonly pause: { readonly fromMs: number; readonly toMs: number } }): Correlator {
  const correlator = createCorrelator({ rules, inventory, counters, seed, ...(bounds === undefined ? {} : { bounds }) })
  correlator.restore(state.rows(), pause)
  return correlator
}

/** Where to go on. Main's cursor is that of its effects: memory that is older than these is of another time, e.g. from a backup. */
function startOf(kept: Position | undefined, { hub, applied, tell }: OpenMemoryOptions): Position {
  if (kept === undefined) {
    if (applied.cursor > 0) tell('warn', { cursor: applied.cursor }, 'There is no memory of rules in rules.db: they begin anew behind the last message whose effects are known')
    return { cursor: applied.cursor, eventId: createHubEventRecords(hub).newest(), watermarkMs: 0, findingId: applied.findingId }
  }
  const findingId = Math.max(kept.findingId, applied.findingId)
  if (kept.cursor >= applied.cursor) return { ...kept, findingId }
  tell('error', { cursor: kept.cursor, applied: applied.cursor }, 'rules.db is older than hub.db: messages in between had their effects and are not looked at again')
  return { ...kept, cursor: applied.cursor, findingId }
}
