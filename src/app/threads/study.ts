import { randomInt } from 'node:crypto'
import { parentPort, workerData } from 'node:worker_threads'
import { formatTextFault } from '#domain/fault.ts'
import { createRenderer } from '#render/index.ts'
import {
  createAlertFates, createAlertRecords, createAlertSilenceRecords, createNodeFactsRecords, createSessionRecords, createSourceRecords, openHubDatabase, openLogReader, readPastFacts, type AlertFate, type HubDatabase,
  type WatermarkShared,
} from '#store/index.ts'
import { alertField, backtestSet, createMemoryAlertStore, loadRoutes, NO_ROUTES, noiseOf, readRuleFiles, readRules, runBacktest, wasSilenced, type AlertNames, type Rule } from '#triggers/threads.ts'
import type { BacktestQuestion, StudyAnswer, StudyQuestion, StudyReply } from '../study-answer.ts'
import { withTried } from './tried-files.ts'
import { yieldToOthers } from './yield-to.ts'

/** Thread entry: one back-test or report about noise, behind everything else, and its end. It reads what is stored and writes nothing; it may be terminated at any moment. */
export interface StudyData {
  readonly question: StudyQuestion
  readonly databasePath: string
  readonly logDirectory: string
  readonly watermark: WatermarkShared
  readonly directories: readonly string[]
  /** Where the routes are found. */
  readonly routes: { readonly configured: string | undefined; readonly data: string }
  /** An Int32 that is not 0: nobody wants more. */
  readonly cancel: SharedArrayBuffer
}

/** Progress is told no more often than a person can see it. */
const PROGRESS_EVERY_MS = 200
/** Behind everything else of the hub. */
const NICENESS = 10
const MAX_NAMES = 10_000
const FATES_AT_ONCE = 1000

const { question, databasePath, logDirectory, watermark, directories, routes, cancel } = workerData as StudyData
const tell = (reply: StudyReply): void => parentPort!.postMessage(reply)

yieldToOthers(NICENESS)
tell(question.kind === 'noise' ? noise(question.sinceMs) : backtest(question))

function backtest({ what, ...range }: BacktestQuestion): StudyAnswer {
  const files = readRuleFiles(directories)
  if (!files.ok) return { kind: 'refused', faults: files.faults.map(formatTextFault) }
  const renderer = createRenderer()
  const loaded = readRules(what.kind === 'file' ? withTried(files.value, what) : files.value, { renderer, nowMs: range.untilMs })
  if (!loaded.ok) return { kind: 'refused', faults: loaded.faults.map(formatTextFault) }
  const isTried = (rule: Rule): boolean => (what.kind === 'file' ? rule.file === what.file : rule.id === what.id)
  const set = backtestSet(loaded.value.rules, isTried)
  if (set.tested.size === 0) return { kind: 'no-rule' }
  const found = loadRoutes({ ...routes, directories })
  const hub = openHubDatabase(databasePath)
  const reader = openLogReader({ directory: logDirectory, watermark, clock: Date.now, cacheBytes: 0 })
  const flag = new Int32Array(cancel)
  let toldMs = performance.now()
  const result = runBacktest({
    ...range, set, reader, hub, renderer, routes: found.ok ? found.value : NO_ROUTES, routesFault: found.ok ? undefined : formatTextFault(found.faults[0]!), alerts: createMemoryAlertStore({ history: 'last' }), scratch: openHubDatabase(':memory:'), nodes: createNodeFactsRecords(hub).all(), past: readPastFacts(hub, range.fromMs),
    sessionName: sessionNames(hub), seed: randomInt(2 ** 32), isHub: hubSources(hub), isCancelled: () => Atomics.load(flag, 0) !== 0,
    onProgress({ done, total }) {
      if (performance.now() - toldMs < PROGRESS_EVERY_MS) return
      toldMs = performance.now()
      tell({ kind: 'progress', done, total })
    },
  })
  return { kind: 'backtest', result }
}

function noise(sinceMs: number): StudyAnswer {
  const hub = openHubDatabase(databasePath)
  const facts = new Map([...createNodeFactsRecords(hub).all()].map((row) => [row.id, row]))
  const session = sessionNames(hub)
  const names: AlertNames = { node: (id) => facts.get(id)?.name, session, labels: (id) => JSON.parse(facts.get(id)?.labels ?? '{}') as Record<string, string> }
  const silences = createAlertSilenceRecords(hub).list()
  const alerts = createAlertRecords(hub)
  const isSilenced = ({ id, firedMs }: AlertFate): boolean => {
    const alert = silences.length === 0 ? undefined : alerts.byId(id)
    return alert !== undefined && wasSilenced(silences, firedMs ?? alert.firstMs, (field) => alertField(alert, field, names))
  }
  return { kind: 'noise', report: noiseOf({ fates: fatesSince(hub, sinceMs), nodeName: (id) => facts.get(id)?.name ?? `#${id}`, isSilenced }) }
}

/** In pages: a statement that is under way keeps what is written meanwhile from being cleaned up. */
function* fatesSince(hub: HubDatabase, sinceMs: number): Generator<AlertFate> {
  const fates = createAlertFates(hub, sinceMs)
  for (let page = fates.page(0, FATES_AT_ONCE); page.length > 0; page = fates.page(page.at(-1)!.id, FATES_AT_ONCE)) yield* page
}

/** Names of boot sessions, remembered for a while. */
function sessionNames(hub: HubDatabase): (id: number) => string | undefined {
  const sessions = createSessionRecords(hub)
  const known = new Map<number, string | undefined>()
  return (id) => {
    if (known.size > MAX_NAMES) known.clear()
    return known.getOrInsertComputed(id, () => sessions.shownHash(id))
  }
}

/** Whether a source is the hub itself. Bounded by `sessions.max_sources`. */
function hubSources(hub: HubDatabase): (sourceId: number) => boolean {
  const sources = createSourceRecords(hub)
  const known = new Map<number, boolean>()
  return (id) => known.getOrInsertComputed(id, () => sources.addressOf(id) === 'hub')
}
