import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { createFileSink, createForwardSink, createRawForm, createTextForm, diskFiles, isFile, isForward, readHubId, rememberNames, runSinks, type RememberedNames, type RowMatch, type SinkConfig, type SinksEvent } from '#sinks/threads.ts'
import { compileMatcher, openLogReader, parseQuery, readWatermark, type ResolvedQuery, type WatermarkShared } from '#store/index.ts'
import { nameSource, openRecords } from '../records.ts'
import { resolveQuery } from '../resolve.ts'
import { tellBegun } from './begun.ts'
import { yieldToOthers } from './yield-to.ts'

/** Thread entry: sinks read the store behind the writer, so that a slow one costs nothing but its own backlog. Started only when there are any. */
export interface SinksData {
  readonly configs: readonly SinkConfig[]
  /** Folder of the positions. */
  readonly directory: string
  readonly databasePath: string
  readonly logDirectory: string
  readonly watermark: WatermarkShared
}

yieldToOthers(5)
const { configs, directory, databasePath, logDirectory, watermark } = workerData as SinksData
const elapsedMs = (): number => performance.now()
const records = openRecords(databasePath)
tellBegun()
const { nodeName, sessionName, sourceAddress } = nameSource(records)
const names = rememberNames({ node: nodeName, session: sessionName, source: sourceAddress }, elapsedMs)
mkdirSync(directory, { recursive: true, mode: 0o700 })

/** undefined until the log writer has recovered what an unclean end left. */
function committedSeq(): number | undefined {
  const { segment, lastSeq } = readWatermark(watermark)
  return segment === 0 ? undefined : lastSeq
}

/** Names in a search are looked up for each batch; it is compiled anew when they mean something else. */
function matcherOf({ query }: SinkConfig, { refresh }: RememberedNames): () => RowMatch {
  const parsed = query === undefined ? undefined : parseQuery(query, { nowMs: Date.now() })
  if (parsed?.ok === false) throw new Error(`a sink's query cannot be read: ${parsed.faults[0]?.message}`) // the configuration was checked
  let text = ''
  let matches: RowMatch = () => true
  return () => {
    refresh()
    if (parsed === undefined) return matches
    const resolved: ResolvedQuery = resolveQuery(parsed.value, records)
    const now = JSON.stringify(resolved)
    if (now !== text) [text, matches] = [now, compileMatcher(resolved)]
    return matches
  }
}

const sinks = configs.map((config) => {
  const reader = openLogReader({ directory: logDirectory, watermark, clock: Date.now, cacheBytes: 0 })
  const common = {
    positionPath: join(directory, `${config.name}.json`),
    files: diskFiles,
    reader: { batchAfter: (afterSeq: number) => reader.batchAfter(afterSeq), settle: () => void reader.stats(), close: () => reader.close() },
    matcher: matcherOf(config, names),
    committedSeq,
    clock: Date.now,
    elapsedMs,
    random: Math.random,
    tell: (event: SinksEvent) => parentPort!.postMessage(event),
  }
  if (isForward(config)) return createForwardSink({ ...common, config, names, hubId: readHubId(join(directory, 'hub-id'), () => randomBytes(8).toString('hex')) })
  if (!isFile(config)) throw new Error(`the sink ${config.name} has no path`) // the configuration was checked
  return createFileSink({ ...common, config, form: config.format === 'raw' ? createRawForm(names) : createTextForm(names) })
})

runSinks({
  port: parentPort!,
  sinks,
  elapsedMs,
  defer: (work) => void setImmediate(work),
  every(ms, work) {
    const timer = setInterval(work, ms)
    return () => clearInterval(timer)
  },
})
