import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fc, test } from '@fast-check/vitest'
import { describe, expect, test as plain } from 'vitest'
import type { Batch } from '#domain/batch.ts'
import { createRenderer } from '#render/index.ts'
import { createHubEventRecords, openHubDatabase } from '#store/index.ts'
import { runRules, type RulesCommand, type RulesEvent, type RulesFeed } from '#triggers/index.ts'
import { aBatch, countCalls, ruleFile } from './support.ts'

const RULES = ruleFile(
  { id: 'a.word', body: "severity: error\nwhen: {match: {regex: 'needle (?<number>\\d+)'}}\nby: [number]" },
  { id: 'a.third', body: 'severity: error\nwhen: {count: {match: {contains: needle}, at_least: 3, within: 1h}}\nby: [app]' },
  { id: 'a.held', body: 'severity: error\nwhen: {event: state, to: held}\nby: [node]' },
)
const renderer = createRenderer()
class Killed extends Error {}

/** What outlives a kill: the folder, the messages on the disk, and what main has applied. */
function aPlace() {
  const folder = mkdtempSync(join(tmpdir(), 'hps-once-'))
  writeFileSync(join(folder, 'r.yaml'), RULES)
  const hub = openHubDatabase(join(folder, 'hub.db'))
  return { folder, hub, texts: [] as string[], main: { cursor: 0, findingId: 0, counts: new Map<string, number>() }, nowMs: { at: 1_000_000 } }
}
type Place = ReturnType<typeof aPlace>

/** One life of the rules thread. `killAt`: the step (a post, a count, a slice) at which it ends without a word; `deaf`: acknowledgements do not arrive. */
function live(place: Place, { killAt, deaf }: { readonly killAt: number; readonly deaf: boolean }): void {
  let steps = 0
  const step = (): void => {
    if (++steps > killAt) throw new Killed()
  }
  const deferred: (() => void)[] = []
  const ticks: (() => void)[] = []
  let toRules: (command: RulesCommand) => void = () => undefined
  let toFeed: (message: RulesFeed) => void = () => undefined
  const apply = (event: RulesEvent): void => {
    if (event.kind !== 'findings') return
    for (const { id, rule, key, count } of event.findings) if (id > place.main.findingId) place.main.counts.set(`${rule} ${key}`, (place.main.counts.get(`${rule} ${key}`) ?? 0) + count)
    Object.assign(place.main, { cursor: Math.max(place.main.cursor, event.cursor), findingId: Math.max(place.main.findingId, event.lastId) })
    if (!deaf) deferred.push(() => toRules({ kind: 'applied', cursor: event.cursor }))
  }
  const { counters } = countCalls()
  const counted = { ...counters, add: (name: string, value?: number) => (step(), counters.add(name, value)) }
  const hub = openHubDatabase(join(place.folder, 'hub.db'))
  try {
    runRules({
      port: { postMessage: (event) => (step(), apply(event)), on: (_event, heard) => void (toRules = heard) },
      feed: { postMessage: () => undefined, on: (_event, heard) => void (toFeed = heard) },
      reader: {
        batchAfter(afterSeq): Batch | undefined {
          const run = place.texts.slice(afterSeq, afterSeq + 5)
          return run.length === 0 ? undefined : aBatch(run.map((text) => ({ text, receivedMs: place.nowMs.at })), afterSeq + 1)
        },
      },
      hub, statePath: join(place.folder, 'rules.db'), directories: [place.folder], counters: counted, applied: { cursor: place.main.cursor, findingId: place.main.findingId }, renderer, seed: 1,
      clock: () => (place.nowMs.at += 10), elapsedMs: () => (place.nowMs.at += 10), cpuMs: () => 0,
      defer: (work) => void deferred.push(work), after: (_ms, work) => void deferred.push(work), every: (_ms, work) => (ticks.push(work), () => undefined), watch: () => () => undefined,
    })
    toFeed({ kind: 'committed', lastSeq: place.texts.length })
    for (let round = 0; round < 6; round++) {
      while (deferred.length > 0) {
        step()
        deferred.shift()!()
      }
      for (const tick of ticks) tick()
    }
  } catch (error) {
    if (!(error instanceof Killed)) throw error
  } finally {
    hub.close()
  }
}

const held = (nodeId: number, seq: number) => ({ kind: 'state', to: 'held', from: 'running', nodeId, sessionId: 0, seq, atMs: 1_000_000, evidence: 'A', fields: {} }) as const

const stage = fc.record({ messages: fc.integer({ min: 0, max: 14 }), isHeld: fc.boolean(), killAt: fc.integer({ min: 0, max: 60 }), deaf: fc.boolean() })
describe('whatever step it dies at', () => {
  test.prop([fc.array(stage, { minLength: 1, maxLength: 6 })], { numRuns: 25 })('every match has its effects once', (lives) => {
    const place = aPlace()
    const events = createHubEventRecords(place.hub)
    live(place, { killAt: Infinity, deaf: false }) // rules.db is there from here on
    let held_ = 0
    for (const { messages, isHeld, killAt, deaf } of lives) {
      for (let index = 0; index < messages; index++) place.texts.push(index % 3 === 2 ? 'hay' : `needle ${place.texts.length}`)
      if (isHeld) events.add(held(++held_, place.texts.length))
      live(place, { killAt, deaf })
    }
    live(place, { killAt: Infinity, deaf: false })
    const { counts } = place.main
    const needles = place.texts.filter((text) => text.startsWith('needle'))
    expect([...counts].filter(([id]) => id.startsWith('a.word')).map(([, count]) => count)).toEqual(needles.map(() => 1))
    expect([...counts].filter(([id]) => id.startsWith('a.third')).reduce((sum, [, count]) => sum + count, 0)).toBe(Math.max(0, needles.length - 2))
    expect([...counts].filter(([id]) => id.startsWith('a.held')).map(([, count]) => count)).toEqual(Array.from({ length: held_ }, () => 1))
    place.hub.close()
    rmSync(place.folder, { recursive: true, force: true })
  })
})

plain('a rules.db that is damaged is put aside, and the rules go on where main stands', () => {
  const place = aPlace()
  place.texts.push('needle 1', 'needle 2')
  live(place, { killAt: Infinity, deaf: false })
  for (const end of ['-wal', '-shm']) rmSync(join(place.folder, `rules.db${end}`), { force: true })
  writeFileSync(join(place.folder, 'rules.db'), 'this is no database, and long enough to be looked at as one '.repeat(100))
  place.texts.push('needle 3')
  live(place, { killAt: Infinity, deaf: false })
  expect([...place.main.counts].filter(([id]) => id.startsWith('a.word')).map(([, count]) => count)).toEqual([1, 1, 1])
  place.hub.close()
  rmSync(place.folder, { recursive: true, force: true })
})
