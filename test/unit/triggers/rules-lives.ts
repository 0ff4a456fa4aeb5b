import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Batch } from '#domain/batch.ts'
import type { HubEvent } from '#domain/hub-event.ts'
import { createRenderer } from '#render/index.ts'
import { createHubEventRecords, openHubDatabase } from '#store/index.ts'
import { runRules, type RulesCommand, type RulesEvent, type RulesFeed } from '#triggers/index.ts'
import type { CorrelatorBounds } from '#triggers/correlate/bounds.ts'
import type { Finding } from '#triggers/finding.ts'
import { aBatch, countCalls, type Message } from './support.ts'

export const SEC = 1000
export const MIN = 60 * SEC
export const HOUR = 60 * MIN
export const DAY = 24 * HOUR
/** The wall clock at the beginning of each world. */
export const BEGIN_MS = Date.parse('2026-03-01T12:00:00Z')
const TICK_MS = 200
const renderer = createRenderer()

export interface WorldOptions {
  readonly rules: string
  /** Nodes 1 to so many, running, in rack r1. */
  readonly nodes?: number
  readonly bounds?: CorrelatorBounds
}

/** The rules thread from life to life, with the disk, main and both clocks in the hands of the test. Main applies findings at once. */
export function aWorld({ rules, nodes = 0, bounds }: WorldOptions) {
  const folder = mkdtempSync(join(tmpdir(), 'hps-lives-'))
  writeFileSync(join(folder, 'r.yaml'), rules)
  const hub = openHubDatabase(join(folder, 'hub.db'))
  for (let id = 1; id <= nodes; id++) {
    hub.exec(`INSERT INTO nodes (id, name, registered, created_ms) VALUES (${id}, 'n${id}', 1, 0);
      INSERT INTO provision (node_id, state, since_ms, profile, labels) VALUES (${id}, 'running', 0, 'storage', '{"rack":"r1"}')`)
  }
  const time = { ms: BEGIN_MS, elapsedMs: 0 }
  const stored: Message[] = []
  const found: Finding[] = []
  const told: RulesEvent[] = []
  const { counters, counts } = countCalls()
  const records = createHubEventRecords(hub)
  let life: ReturnType<typeof begin> | undefined
  let eventId = 0

  function begin() {
    const deferred: (() => void)[] = []
    let [toRules, toFeed, tick] = [(_command: RulesCommand): void => undefined, (_message: RulesFeed): void => undefined, (): void => undefined]
    const own = openHubDatabase(join(folder, 'hub.db'))
    const hear = (event: RulesEvent): void => {
      told.push(event)
      if (event.kind !== 'findings') return
      found.push(...event.findings.filter(({ id }) => id > (found.at(-1)?.id ?? 0)))
      eventId = event.eventId
      deferred.push(() => toRules({ kind: 'applied', cursor: event.cursor }))
    }
    runRules({
      port: { postMessage: hear, on: (_event, heard) => void (toRules = heard) },
      feed: { postMessage: () => undefined, on: (_event, heard) => void (toFeed = heard) },
      reader: { batchAfter: (afterSeq): Batch | undefined => (afterSeq >= stored.length ? undefined : aBatch(stored.slice(afterSeq, afterSeq + 500), afterSeq + 1)) },
      hub: own, statePath: join(folder, 'rules.db'), directories: [folder], counters, applied: { cursor: cursorOf(told), findingId: found.at(-1)?.id ?? 0, eventId }, renderer, seed: 1, bounds,
      clock: () => time.ms, elapsedMs: () => time.elapsedMs, cpuMs: () => 0,
      defer: (work) => void deferred.push(work), after: (_ms, work) => void deferred.push(work), every: (_ms, work) => ((tick = work), () => undefined), watch: () => () => undefined,
    })
    const run = (): void => {
      while (deferred.length > 0) deferred.shift()!()
    }
    toFeed({ kind: 'committed', lastSeq: stored.length })
    run()
    return { run, tick: () => (tick(), run()), committed: () => toFeed({ kind: 'committed', lastSeq: stored.length }), stop: () => (toRules({ kind: 'stop' }), own.close()) }
  }

  /** Both clocks go on, in ticks of which the thread sees the last ones. */
  function pass(ms: number): void {
    time.ms += ms
    time.elapsedMs += ms
    for (let ticks = 0; ticks < 4; ticks++) {
      time.ms += TICK_MS
      time.elapsedMs += TICK_MS
      life?.tick()
    }
  }

  return {
    found, told, counts, hub, pass,
    /** `rule key` of what was found, in order. */
    raised: (): readonly string[] => found.filter(({ kind }) => kind === 'raise').map(({ rule, key }) => `${rule} ${key}`),
    logs: (): readonly string[] => told.flatMap((event) => (event.kind === 'log' ? [event.message] : [])),
    now: (): number => time.ms,
    start: (): void => void (life = begin()),
    stop: (): void => {
      life?.stop()
      life = undefined
    },
    /** Messages are received and on the disk. */
    receive(...messages: readonly Message[]): void {
      stored.push(...messages.map((message) => ({ receivedMs: time.ms, ...message })))
      life?.committed()
      life?.run()
    },
    notice: (event: Partial<HubEvent> & Pick<HubEvent, 'kind' | 'to'>): void => records.add({ from: '', nodeId: 0, sessionId: 0, seq: 0, atMs: time.ms, evidence: 'A', fields: {}, ...event } as HubEvent),
    /** The wall clock alone is set. */
    setClock: (byMs: number): void => void (time.ms += byMs),
    end(): void {
      life?.stop()
      hub.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const cursorOf = (told: readonly RulesEvent[]): number => told.reduce((cursor, event) => (event.kind === 'findings' ? Math.max(cursor, event.cursor) : cursor), 0)
