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
import { FORGOTTEN, strangeness, type Applied, type Forgotten } from './belongs.ts'
import { RulesMemory } from './memory.ts'

export interface OpenMemoryOptions {
  /** `rules.db` */
  readonly path: string
  readonly hub: HubDatabase
  readonly applied: Applied
  readonly logEnd: number | undefined
  readonly rules: readonly Rule[]
  readonly inventory: Inventory
  readonly counters: WorkerCounters<RulesCounter>
  readonly bounds?: CorrelatorBounds | undefined
  readonly seed: number
  readonly nowMs: number
  readonly tell: (level: 'warn' | 'error', fields: Readonly<Record<string, unknown>>, message: string) => void
  /** A file was put aside: its new name. */
  readonly forgot: (why: Forgotten, aside: string) => void
}

export interface OpenedMemory {
  readonly memory: RulesMemory
  readonly state: RulesState
  readonly schedules: Schedules
  readonly position: Position
  /** On the disk, and perhaps without their effects. */
  readonly unapplied: readonly Finding[]
}

/** The memory as it was left, or a new one where main stands. A file that is damaged, or of another history than hub.db, is put aside, loudly. Throws what a disk that refuses throws: then it is to be tried again. */
export function openMemory(options: OpenMemoryOptions): OpenedMemory {
  const why = whyNot(options)
  if (why?.kind === 'missing' && options.applied.cursor > 0) options.tell('warn', { cursor: options.applied.cursor }, 'There is no memory of rules in rules.db: they begin anew behind the last message whose effects are known')
  if (why !== undefined && why.kind !== 'missing') putAside(why, options)
  try {
    return open(options)
  } catch (error) {
    if (!isDamaged(error)) throw error
    putAside({ kind: 'damaged', reason: (error as Error).message }, options)
    return open(options)
  }
}

function putAside({ kind, reason }: { readonly kind: Forgotten; readonly reason: string }, { path, nowMs, tell, forgot }: OpenMemoryOptions): void {
  const aside = setAside(path, { why: kind, nowMs })
  tell('error', { why: kind, reason, aside }, 'rules.db was put aside: windows and deadlines that were under way are forgotten')
  forgot(kind, aside)
}

/** Why the file is not used; undefined: it is. */
function whyNot({ path, hub, applied, logEnd }: OpenMemoryOptions): { readonly kind: Forgotten; readonly reason: string } | undefined {
  let db: HubDatabase | undefined
  try {
    db = openRulesDatabase(path)
    const state = createRulesState(db)
    const kept = state.position()
    if (kept === undefined) return { kind: 'missing', reason: FORGOTTEN.missing }
    const newestEvent = createHubEventRecords(hub).newest()
    const kind = strangeness(kept, state.firstFinding(), { applied, logEnd, newestEvent })
    return kind && { kind, reason: `${FORGOTTEN[kind]}: messages ${kept.cursor} and ${applied.cursor}, findings ${kept.findingId} and ${applied.findingId}, hub events ${kept.eventId} and ${applied.eventId ?? 0}, the log ends at ${logEnd ?? 0}` }
  } catch (error) {
    if (!isDamaged(error)) throw error
    return { kind: 'damaged', reason: (error as Error).message }
  } finally {
    db?.close()
  }
}

function open(options: OpenMemoryOptions): OpenedMemory {
  const db = openRulesDatabase(options.path)
  try {
    const state = createRulesState(db)
    const position = state.position() ?? startOf(options.applied)
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

/** Where to go on without a memory: where main stands. */
const startOf = ({ cursor, findingId, eventId = 0 }: Applied): Position => ({ cursor, findingId, eventId, watermarkMs: 0 })
