import type { Inventory } from '../inventory.ts'
import type { Rule } from '../rules/rule.ts'
import { blamed } from './blame.ts'
import { DEFAULT_BOUNDS, type CorrelatorBounds } from './bounds.ts'
import type { Correlator, Hearing, NewFinding, StateRow } from './correlator.ts'
import type { CorrelateCounters } from './counters.ts'
import { AbsentEachKind } from './kinds/absent-each.ts'
import { ByteWriter } from './memory/bytes.ts'
import { Journal } from './memory/journal.ts'
import { SlotStore } from './memory/slot-store.ts'
import { RuleMemory } from './rule-memory.ts'
import { packState, unpackState } from './state-format.ts'
import { isAny } from './is-any.ts'
import { subjectOf } from './subject.ts'
import { explainKey, listKeys } from './explain.ts'
import { keepToBounds } from './keep-to-bounds.ts'

export interface CorrelatorOptions {
  readonly rules: readonly Rule[]
  /** Facts of nodes for keys; exchanged by `watchNodes`. */
  readonly inventory: Inventory
  readonly bounds?: CorrelatorBounds
  readonly counters: CorrelateCounters
  /** A random number, so that senders cannot choose texts whose hashes collide; findings do not depend on it. */
  readonly seed?: number
}

const NOTHING: readonly NewFinding[] = []
const NO_PAUSE = { fromMs: -Infinity, toMs: -Infinity }

/** See `Correlator`. */
export function createCorrelator({ rules, inventory: firstInventory, bounds = DEFAULT_BOUNDS, counters, seed = 0 }: CorrelatorOptions): Correlator {
  const store = new SlotStore(seed)
  const journal = new Journal(store)
  const writer = new ByteWriter()
  const found: NewFinding[] = []
  const memories = new Map<string, RuleMemory>()
  /** By owner number. */
  const owners: (RuleMemory | undefined)[] = []
  let inventory = firstInventory
  let reachedMs = -Infinity
  let pause = NO_PAUSE
  let isStarted = false

  function remember(rule: Rule): RuleMemory {
    const free = owners.indexOf(undefined)
    const number = free < 0 ? owners.length : free
    const memory = new RuleMemory({
      rule, number, store, journal, writer, bounds, found,
      inventory: () => inventory,
      reachedMs: () => reachedMs,
      isLate: (dueMs) => dueMs > pause.fromMs && dueMs <= pause.toMs,
      keyless: () => counters.add('keyless'),
    })
    owners[number] = memory
    memories.set(rule.id, memory)
    return memory
  }

  /** The rules begin to look when the first time is known. */
  function start(nowMs: number): void {
    if (isStarted) return
    isStarted = true
    for (const memory of memories.values()) memory.kind?.start?.(nowMs)
  }

  function gauge(): void {
    counters.set('keys', store.size)
    counters.set('keyBytes', store.heldBytes)
    counters.set('timers', store.timers.size)
  }

  function handOut(): readonly NewFinding[] {
    return found.length === 0 ? NOTHING : found.splice(0)
  }

  for (const rule of rules) remember(rule)

  return {
    take(rule, fulfilled, occurrence) {
      const memory = memories.get(rule.id)
      if (memory === undefined) return NOTHING
      const subject = subjectOf(occurrence, reachedMs)
      start(subject.atMs)
      reachedMs = subject.atMs
      try {
        memory.take(fulfilled, subject)
      } catch (fault) {
        throw blamed(fault, { rule: rule.id, seq: subject.seq })
      }
      keepToBounds({ store, bounds, owners, counters, nowMs: reachedMs }, memory)
      return handOut()
    },

    advance(nowMs) {
      const toMs = Math.max(nowMs, reachedMs)
      start(toMs)
      const { timers } = store
      let left = bounds.timersPerAdvance
      for (; left > 0 && timers.size > 0 && timers.dueOf(timers.first) <= toMs; left--) {
        reachedMs = Math.max(reachedMs, timers.dueOf(timers.first))
        runTimer(timers.first)
      }
      if (left > 0) reachedMs = toMs
      gauge()
      return handOut()
    },

    get nextDueMs() {
      return store.timers.size === 0 ? undefined : store.timers.dueOf(store.timers.first)
    },

    watchNodes(next, nowMs) {
      inventory = next
      const wasStarted = isStarted
      const fromMs = Math.max(nowMs, reachedMs)
      start(fromMs)
      if (wasStarted) for (const memory of memories.values()) memory.kind?.watchNodes?.(fromMs)
      return handOut()
    },

    hearing(rule): Hearing | undefined {
      const memory = memories.get(rule)
      const { when } = memory?.rule ?? {}
      return when?.kind === 'absent' && when.expect.kind === 'line' && isAny(when.expect.match) && memory?.kind instanceof AbsentEachKind ? memory.kind : undefined
    },

    replaceRules(next, nowMs) {
      const before = [...memories.values()]
      const byId = new Map(next.map((rule) => [rule.id, rule]))
      const reset: string[] = []
      const gone: string[] = []
      for (const memory of before) {
        const rule = byId.get(memory.rule.id)
        if (rule?.stateVersion === memory.rule.stateVersion) {
          memory.adopt(rule)
          continue
        }
        ;(rule === undefined ? gone : reset).push(memory.rule.id)
        memory.keys.removeAll()
        owners[memory.keys.owner.number] = undefined
        memories.delete(memory.rule.id)
      }
      const kept = memories.size
      const added = next.filter((rule) => !memories.has(rule.id)).map(remember)
      if (isStarted) for (const { kind } of added) kind?.start?.(Math.max(reachedMs, nowMs))
      return { kept, reset, gone }
    },

    changes() {
      gauge()
      return journal.changes((slot) => {
        const { keys, kind, rule } = owners[store.ownerOf(slot)]!
        return { ...keys.rowName(slot), state: packState(rule.when, kind === undefined ? new Uint8Array(0) : store.stateOf(slot)) }
      })
    },
    unwritten: () => journal.unwritten(),

    restore(rows, between) {
      pause = between
      // What came before the pause and is not taken yet is still to come, with its own time.
      reachedMs = Math.max(reachedMs, between.fromMs)
      for (const row of rows) restoreRow(row)
      for (const memory of memories.values()) {
        memory.kind?.resumed?.(between)
        keepToBounds({ store, bounds, owners, counters, nowMs: reachedMs }, memory)
      }
      start(between.toMs)
    },

    paused(between) {
      pause = between
      for (const { kind } of memories.values()) kind?.resumed?.(between)
    },

    get liveKeys() {
      return store.size
    },

    keysByRule: () => new Map([...memories].map(([rule, { keys }]) => [rule, keys.size])),

    drops() {
      const lost = [...memories.values()].filter(({ dropped, droppedTold }) => dropped > droppedTold)
      return lost.map((memory) => {
        const { dropped: total, droppedTold } = memory
        memory.droppedTold = total
        return { rule: memory.rule.id, dropped: total - droppedTold, total, isFirst: droppedTold === 0 }
      })
    },

    explain: (rule, key, nowMs) => explainKey(memories.get(rule), key, nowMs),
    keysOf: (rule, limit, nodeId) => listKeys(memories.get(rule), { limit, nodeId, nowMs: reachedMs }),
  }

  /** The deadline that is first. Whoever is called sets it anew or removes it; were it left, the clock would stand still. */
  function runTimer(slot: number): void {
    const memory = owners[store.ownerOf(slot)]!
    const { timers } = store
    const dueMs = timers.dueOf(slot)
    try {
      memory.due(slot, reachedMs)
    } catch (fault) {
      throw blamed(fault, { rule: memory.rule.id })
    }
    if (timers.first === slot && timers.dueOf(slot) === dueMs) timers.remove(slot)
  }

  function restoreRow(row: StateRow): void {
    const memory = memories.get(row.rule)
    if (memory === undefined || memory.rule.stateVersion !== row.stateVersion) return journal.gone(row)
    const state = unpackState(memory.rule.when, row.state)
    const slot = state === undefined ? undefined : memory.keys.restore({ key: row.key, state }, memory.kind instanceof AbsentEachKind)
    try {
      if (slot === undefined) throw new RangeError('no state of this rule')
      memory.restored(slot, pause.toMs)
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      counters.add('unreadable')
      if (slot === undefined) journal.gone(row)
      else memory.keys.remove(slot)
    }
  }
}
