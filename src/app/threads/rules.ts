import { randomInt } from 'node:crypto'
import { parentPort, workerData, type MessagePort } from 'node:worker_threads'
import { createRenderer } from '#render/index.ts'
import { createSourceRecords, isDiskFault, openHubDatabase, openLogReader, readCursor, readLogStart, readWatermark, type WatermarkShared } from '#store/index.ts'
import { createWorkerCounters } from '#telemetry/threads.ts'
import { type LeftOut, loadRoutes, RULES_COUNTERS, runRules, watchRuleFiles } from '#triggers/threads.ts'
import { tellBegun } from './begun.ts'
import { yieldToOthers } from './yield-to.ts'

type RoutesPlaces = Parameters<typeof loadRoutes>[0]

/** Thread entry: rules over committed messages. Fed from memory; reads the store to catch up. */
export interface RulesData {
  readonly directories: readonly string[]
  /** Where `routes.yaml` may be. */
  readonly routes: RoutesPlaces
  readonly databasePath: string
  /** `rules.db`, which this thread alone opens. */
  readonly statePath: string
  readonly logDirectory: string
  readonly counters: SharedArrayBuffer
  readonly startCursor: number
  readonly watermark: WatermarkShared
  readonly feedPort: MessagePort
  readonly leftOut: readonly LeftOut[]
  /** Another such thread ended before this one. */
  readonly isAgain: boolean
}

const { directories, routes, databasePath, statePath, logDirectory, counters, startCursor, watermark, feedPort, leftOut, isAgain } = workerData as RulesData
/** Catching up goes forward: only the batch in hand is worth keeping. */
const CACHE_BYTES = 0

yieldToOthers(5)
const hub = openHubDatabase(databasePath)
const sources = createSourceRecords(hub)
const ownSources = new Map<number, boolean>()
/** Whether a source is the hub itself: only then may its messages match the rules about the hub. Bounded by `sessions.max_sources`. */
const isHub = (sourceId: number): boolean => {
  const known = ownSources.get(sourceId)
  if (known !== undefined) return known
  try {
    const found = sources.addressOf(sourceId) === 'hub'
    ownSources.set(sourceId, found)
    return found
  } catch (fault) {
    if (!isDiskFault(fault)) throw fault
    return false // asked again for its next message; what the hub logs meanwhile is about the disk, and says so in its health
  }
}
// a first read takes room for the index of the write-ahead log, which a full disk would refuse later
isHub(0)
tellBegun()

runRules({
  isHub,
  leftOut,
  port: parentPort!,
  feed: feedPort,
  reader: openLogReader({ directory: logDirectory, watermark, clock: Date.now, cacheBytes: CACHE_BYTES }),
  directories,
  counters: createWorkerCounters(RULES_COUNTERS, counters),
  hub,
  statePath,
  applied: { cursor: startCursor, findingId: readCursor(hub, 'findings'), eventId: readCursor(hub, 'rule-events') },
  logEnd: () => (isAgain ? readWatermark(watermark).lastSeq : readLogStart(watermark)),
  renderer: createRenderer(),
  routes() {
    const loaded = loadRoutes(routes)
    return loaded.ok ? loaded.value : undefined
  },
  seed: randomInt(2 ** 32),
  clock: Date.now,
  elapsedMs: () => performance.now(),
  cpuMs() {
    const { user, system } = process.threadCpuUsage()
    return (user + system) / 1000
  },
  defer: (work) => void setImmediate(work),
  after: (ms, work) => void setTimeout(work, ms),
  every(ms, work) {
    const timer = setInterval(work, ms)
    return () => clearInterval(timer)
  },
  watch: watchRuleFiles,
})
