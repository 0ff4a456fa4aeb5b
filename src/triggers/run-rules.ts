import { createRulesEngine, type RulesEngine } from './engine.ts'
import type { Finding } from './finding.ts'
import type { RulesCommand, RulesEvent } from './protocol.ts'
import type { Rule } from './rules/rule.ts'
import { createForgottenKeys } from './run/forgotten-keys.ts'
import { createGuard } from './run/guard.ts'
import { createIntake, type Slice } from './run/intake.ts'
import { endBeforeLeap, noteLeap } from './run/leaps.ts'
import { loadSet } from './run/load-set.ts'
import { MAX_GATHERED } from './run/memory.ts'
import { createNodes } from './run/nodes.ts'
import { openMemory, type OpenedMemory } from './run/open-memory.ts'
import type { RulesOptions } from './run/options.ts'
import { createRuleCosts } from './run/rule-costs.ts'
import { CLOCK_NEWS, createWatermark } from './run/watermark.ts'
import { answerStudy } from './study/explain-answer.ts'
import type { StudyWorld } from './study/explain-world.ts'

/** Posts that main has not acknowledged; with this many the rules wait, and what comes is left for the store. */
export const MAX_OUTSTANDING = 8
/** Time goes on, the cursor is told and hub events are looked for this often. */
const TICK_MS = 200
/** Findings are gathered for this long before a commit. */
const GATHER_MS = 20
/** Where nothing but time moved, it is written down this often. */
const TIME_EVERY_MS = 10_000
/** What the rules cost is told this often. */
const COSTS_EVERY_MS = 10_000
/** The clock goes behind by this much: what was received until then is on the disk by now and was taken. */
const CLOCK_LAG_MS = 500

/** Rows that are looked at before messages from other threads are let in; fewer where these took longer than this. */
const MAX_SLICE_ROWS = 1024
const MAX_SLICE_MS = 100

/**
 * The rules thread: takes committed messages and hub events in order, remembers, and posts what it found when that is on the disk
 * (docs/decisions/0013-findings-first.md). What it was not sent it reads from the store. Before a first set is loaded nothing moves.
 */
export function runRules(options: RulesOptions): void {
  const { port, feed, counters, defer, clock, elapsedMs } = options
  const tell = (event: RulesEvent): void => port.postMessage(event, [])
  const log = (level: 'info' | 'warn' | 'error', fields: Readonly<Record<string, unknown>>, message: string): void => tell({ kind: 'log', level, fields, message })
  const [guard, tellForgotten] = [createGuard({ log, counters }), createForgottenKeys({ counters, elapsedMs, log })]
  const costs = createRuleCosts({ counters, elapsedMs, cpuMs: options.cpuMs, leftOut: options.leftOut ?? [] })
  let intake = createIntake({ ...options, cursor: options.applied.cursor, giveBack })
  let nodes = createNodes({ hub: options.hub, eventId: 0, elapsedMs })
  let watermark = createWatermark(0)
  let opened: OpenedMemory | undefined
  let engine: RulesEngine | undefined
  /** The set to be used as soon as the memory can be opened. */
  let rules: readonly Rule[] | undefined
  let cursor = options.applied.cursor
  let eventId = 0
  /** What is on the disk. */
  let written = { cursor, eventId, watermarkMs: 0 }
  let writtenAtMs = 0
  let postedMs = 0
  let costsToldMs = elapsedMs()
  const outstanding: number[] = [] // last finding of each post; bound: MAX_OUTSTANDING, and what was found again at the start
  let sliceRows = MAX_SLICE_ROWS
  let [isScheduled, isStopped, isWaiting] = [false, false, false]

  function giveBack(lastSeq: number): void {
    feed.postMessage({ kind: 'taken', lastSeq }, [])
  }

  function load(): void {
    const loaded = loadSet({ directories: options.directories, renderer: options.renderer, nowMs: clock(), routes: options.routes })
    if (!loaded.ok) {
      counters.add('refusals')
      return tell({ kind: 'refused', faults: loaded.faults })
    }
    const { tests, warnings } = loaded.value
    rules = loaded.value.rules
    costs.replace(rules.filter(({ policy }) => policy.status !== 'off'))
    const change = opened === undefined ? { kept: 0, reset: [], gone: [] } : exchange(opened)
    counters.add('loads')
    const list = rules.map(({ id, version, file, pack, when: { kind }, policy: { severity, title, status } }) => ({ id, version, file, pack, kind, severity, title, status }))
    tell({ kind: 'loaded', rules: rules.length, tests, list, policies: rules.map(({ policy }) => policy), warnings, ...change })
    if (opened === undefined) guard.writes(begin)
    schedule()
  }

  /** Opens the memory with the first set. */
  function begin(): void {
    nodes.look()
    opened = openMemory({
      path: options.statePath, hub: options.hub, applied: options.applied, rules: costs.active, inventory: nodes.inventory, counters, bounds: options.bounds, seed: options.seed, nowMs: clock(),
      logEnd: options.logEnd?.(), tell: log, forgot: (why, aside) => tell({ kind: 'forgot', why, aside }),
    })
    const { position, unapplied, memory } = opened
    cursor = position.cursor
    eventId = position.eventId
    written = { cursor, eventId, watermarkMs: position.watermarkMs }
    watermark = createWatermark(position.watermarkMs)
    const known = intake.committed
    intake = createIntake({ ...options, cursor, giveBack })
    intake.hear({ kind: 'committed', lastSeq: known })
    nodes = createNodes({ hub: options.hub, eventId, elapsedMs })
    nodes.look()
    memory.found(memory.correlator.watchNodes(nodes.inventory, clock()))
    use(opened)
    for (let at = 0; at < unapplied.length; at += MAX_GATHERED) post(unapplied.slice(at, at + MAX_GATHERED))
  }

  function use({ memory: { correlator } }: OpenedMemory): void {
    engine = createRulesEngine({ rules: costs.active, counters, inventory: () => nodes.inventory, hearing: (rule) => correlator.hearing(rule), meter: costs.meter, isHub: options.isHub })
  }

  /** The set or what is stopped of it changed. */
  function exchange(memory: OpenedMemory): { readonly kept: number; readonly reset: readonly string[]; readonly gone: readonly string[] } {
    commit()
    const change = memory.memory.correlator.replaceRules(costs.active, timeNow())
    memory.schedules.replace(costs.active, timeNow())
    memory.memory.found([])
    use(memory)
    return change
  }

  const timeNow = (): number => (watermark.isHeld ? watermark.nowMs : Math.max(watermark.nowMs, clock() - CLOCK_LAG_MS))

  /** Writes what there is and posts what was found. @returns false when the disk refused */
  function commit(): boolean {
    const { memory } = opened!
    return guard.writes(() => {
      const reached = { cursor, eventId, watermarkMs: watermark.nowMs }
      const findings = memory.commit(reached)
      written = reached
      writtenAtMs = elapsedMs()
      if (findings.length > 0) post(findings)
    })
  }

  function post(findings: readonly Finding[]): void {
    const lastId = findings.at(-1)?.id ?? opened!.memory.findingId
    outstanding.push(lastId)
    counters.set('posts', outstanding.length)
    postedMs = Math.max(written.watermarkMs, watermark.nowMs)
    tell({ kind: 'findings', cursor: written.cursor, eventId: written.eventId, watermarkMs: postedMs, lastId, findings })
  }

  function schedule(): void {
    if (isScheduled || isStopped || engine === undefined) return
    isScheduled = true
    defer(() => {
      isScheduled = false
      if (!isStopped && outstanding.length < MAX_OUTSTANDING && !guard.isBlocked && guard.reads(() => work(engine!))) schedule()
    })
  }

  /** One slice, and a commit where it is time for one. @returns whether there is more to do */
  function work(rulesEngine: RulesEngine): boolean {
    const isMore = step(rulesEngine)
    const { memory } = opened!
    counters.set('cursor', cursor)
    counters.set('behind', Math.max(0, intake.committed - cursor))
    if (memory.gathered === 0) return isMore
    const sinceMs = elapsedMs() - writtenAtMs
    if (memory.isFull || sinceMs >= GATHER_MS) return commit() && isMore
    if (!isMore && !isWaiting) {
      isWaiting = true
      options.after(GATHER_MS - sinceMs, () => {
        isWaiting = false
        if (!isStopped && !guard.isBlocked && memory.gathered > 0) commit()
      })
    }
    return isMore
  }

  function step(rulesEngine: RulesEngine): boolean {
    look()
    const next = intake.next(cursor)
    const { head } = nodes
    if (next.kind === 'failed') {
      log('error', { reason: next.reason, cursor }, 'Rules cannot read the store; trying again')
      return false
    }
    if (head !== undefined && (next.kind === 'rows' ? nodes.placeOf(head, rowsOf(next)) === next.from : nodes.isDue(head, { cursor, clockMs: clock() }))) return takeEvent(rulesEngine)
    if (next.kind === 'none') return false
    if (next.kind === 'gap') {
      cursor = Math.max(cursor, next.to)
      intake.took(cursor)
      return true
    }
    const place = head === undefined ? undefined : nodes.placeOf(head, rowsOf(next))
    return takeRows(rulesEngine, { ...next, to: endBeforeLeap({ ...next, to: place ?? next.to }, leapOptions()) })
  }

  const leapOptions = () => ({ watermark, correlator: opened!.memory.correlator, log })
  const rowsOf = ({ batch, from, to }: Slice) => ({ firstSeq: batch.firstSeq, receivedMs: batch.receivedMs, from, to })

  function takeRows(rulesEngine: RulesEngine, { batch, from, to, isStored }: Slice): boolean {
    const beganMs = elapsedMs()
    const taken = rulesEngine.evaluate(batch, { from, to: Math.min(to, from + sliceRows) }, opened!.memory)
    sliceRows = elapsedMs() - beganMs > MAX_SLICE_MS ? Math.max(1, sliceRows >> 1) : Math.min(MAX_SLICE_ROWS, sliceRows << 1)
    if (taken > from) {
      watermark.took(batch.receivedMs[taken - 1]!)
      cursor = batch.firstSeq + taken - 1
      if (isStored) counters.add('caughtUp', taken - from)
    }
    intake.took(cursor)
    return true
  }

  function takeEvent(rulesEngine: RulesEngine): boolean {
    const event = nodes.head!
    noteLeap(event.atMs, leapOptions())
    if (nodes.note(event)) watchNodes()
    if (!rulesEngine.evaluateEvent(event, opened!.memory)) return true
    nodes.shift()
    eventId = event.id
    watermark.took(event.atMs)
    return true
  }

  function look(): boolean {
    if (nodes.look()) watchNodes()
    return true
  }

  function watchNodes(): void {
    const { memory } = opened!
    memory.found(memory.correlator.watchNodes(nodes.inventory, timeNow()))
  }

  /** When nothing waits, the clock moves time on. */
  function passTime(): void {
    const { memory } = opened!
    if (!intake.isIdle(cursor) || nodes.head !== undefined) return
    const news = watermark.tick(clock() - CLOCK_LAG_MS)
    if (news !== undefined) log(CLOCK_NEWS[news].level, { watermark_ms: watermark.nowMs, clock_ms: clock() }, CLOCK_NEWS[news].message)
    counters.set('held', watermark.isHeld ? 1 : 0)
    while (memory.nextDueMs <= watermark.nowMs && !memory.isFull) memory.passTo(watermark.nowMs)
  }

  function tick(): void {
    if (rules === undefined || (opened === undefined && !guard.writes(begin))) return
    const { memory } = opened!
    if (guard.isBlocked && !commit()) return
    lookAtCosts()
    tellForgotten()
    if (outstanding.length >= MAX_OUTSTANDING) return
    if (!guard.reads(look)) return
    passTime()
    counters.set('lag', watermark.nowMs / 1000)
    const isMoved = cursor > written.cursor || eventId > written.eventId || memory.gathered > 0
    const isTime = watermark.nowMs > written.watermarkMs && elapsedMs() - writtenAtMs >= TIME_EVERY_MS
    if ((isMoved || isTime) && !commit()) return
    // a main that is busy hears of the time later, with what was found
    if (outstanding.length === 0 && (isMoved || watermark.nowMs > postedMs)) post([])
    schedule()
  }

  function lookAtCosts(): void {
    const isOther = costs.look({ clockMs: clock(), behind: intake.committed - cursor })
    if (isOther) exchange(opened!)
    if (!isOther && elapsedMs() - costsToldMs < COSTS_EVERY_MS) return
    costsToldMs = elapsedMs()
    tell({ kind: 'costs', costs: costs.totals(opened!.memory.correlator.keysByRule()), stopped: costs.stopped })
  }

  function obey(command: RulesCommand): void {
    if (command.kind === 'applied') {
      const lastId = outstanding.shift()
      if (lastId !== undefined) opened?.memory.applied(lastId)
      counters.set('posts', outstanding.length)
      schedule()
    } else if (command.kind === 'reload') load()
    else if (command.kind === 'study') tell({ kind: 'studied', id: command.id, answer: answerStudy(command.question, studyWorld()) })
    else stop()
  }

  function studyWorld(): StudyWorld | undefined {
    if (rules === undefined || opened === undefined) return undefined
    const { memory: { correlator } } = opened
    return { rules, stopped: new Set(costs.stopped.map(({ rule }) => rule)), inventory: nodes.inventory, correlator, nowMs: timeNow(), cursor, isHub: options.isHub, elapsedMs }
  }

  function stop(): void {
    isStopped = true
    unwatch()
    stopTicking()
    if (opened !== undefined) {
      commit()
      opened.state.close()
    }
    tell({ kind: 'stopped' })
  }

  port.on('message', obey)
  feed.on('message', (message) => {
    intake.hear(message)
    counters.set('behind', Math.max(0, intake.committed - cursor))
    schedule()
  })
  const unwatch = options.watch(options.directories, load)
  const stopTicking = options.every(TICK_MS, tick)
  load()
}
