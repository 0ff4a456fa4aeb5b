import { onTestFinished } from 'vitest'
import type { HubEvent } from '#domain/hub-event.ts'
import { createRenderer } from '#render/index.ts'
import { createHubEventRecords, openHubDatabase, openLogStore, readPastFacts, type LogStore, type NodeFactsRow } from '#store/index.ts'
import { NO_ROUTES, type BacktestResult, type Routes } from '#triggers/index.ts'
import { createMemoryAlertStore } from '#triggers/alerts/memory-store.ts'
import type { Rule } from '#triggers/rules/rule.ts'
import { runBacktest } from '../../../../src/triggers/study/backtest.ts'
import { backtestSet } from '../../../../src/triggers/study/backtest-set.ts'
import { batchOf, NOON_MS, type RowSpec } from '../../../support/store/batches.ts'
import { testFolder } from '../../../support/store/folder.ts'

export const MINUTE = 60_000
export const NODES: readonly NodeFactsRow[] = [1, 2, 3].map((id) => ({ id, name: `tch-00${id}`, state: 'running', profile: '', labels: '{"rack":"r1"}', session: id, stage: '' }))
export type PastEvent = Omit<HubEvent, 'id'>

/** A store with these messages: the first of them sealed, the others in a segment. */
export function storeOf(rows: readonly RowSpec[], sealed = Math.floor(rows.length / 2)): LogStore {
  const store = openLogStore({ directory: testFolder(), segmentBytes: 1 << 20, sealAfterMs: 1, clock: () => NOON_MS, retentionMs: 1e12 })
  onTestFinished(() => store.close())
  for (const part of [rows.slice(0, sealed), rows.slice(sealed)]) {
    if (part.length === 0) continue
    store.writer.append(batchOf(part))
    store.writer.sync()
    if (part !== rows.slice(sealed) && sealed > 0) store.maintain({ nowMs: NOON_MS })
  }
  return store
}

export interface Tried {
  readonly rules: readonly Rule[]
  readonly tested?: (rule: Rule) => boolean
  readonly store: Pick<LogStore, 'reader'>
  readonly events?: readonly PastEvent[]
  readonly nodes?: readonly NodeFactsRow[]
  readonly routes?: Routes
  readonly fromMs?: number
  readonly untilMs?: number
  readonly limit?: number
  readonly passesOver?: boolean
  readonly isCancelled?: () => boolean
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void
}

/** A back-test, with the hub.db in which its alerts are. */
export function tried({ rules, tested = () => true, store, events = [], nodes = NODES, routes = NO_ROUTES, fromMs = NOON_MS, untilMs = NOON_MS + 1000 * MINUTE, limit = 1000, passesOver = true, isCancelled = () => false, onProgress = () => undefined }: Tried) {
  const hub = openHubDatabase(':memory:')
  const records = createHubEventRecords(hub)
  for (const event of events) records.add(event)
  const scratch = openHubDatabase(':memory:')
  const alerts = createMemoryAlertStore()
  const result: BacktestResult = runBacktest({
    set: backtestSet(rules, tested), reader: store.reader, hub, alerts, scratch, nodes, past: readPastFacts(hub, fromMs), routes, sessionName: (id) => `s${id}`, renderer: createRenderer(), fromMs, untilMs, limit, seed: 1, passesOver, isCancelled, onProgress,
  })
  return { result, alerts }
}
