import { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createRenderer } from '#render/index.ts'
import { createHubEventRecords, openHubDatabase } from '#store/index.ts'
import { runRules, type RulesCommand, type RulesEvent, type RulesFeed } from '#triggers/index.ts'
import { aBatch, countCalls, ruleFile } from './support.ts'

const RULES = ruleFile(
  { id: 'a.word', body: "severity: error\nwhen: {match: {regex: 'needle (?<number>\\d+)'}}\nby: [number]" },
  { id: 'a.third', body: 'severity: error\nwhen: {count: {match: {contains: needle}, at_least: 3, within: 1h}}\nby: [app]' },
  { id: 'a.held', body: 'severity: error\nwhen: {event: state, to: held}\nby: [node]' },
)

/** A data folder, and main's half of it as hub.db would keep it. */
function aPlace() {
  const folder = mkdtempSync(join(tmpdir(), 'hps-belong-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'r.yaml'), RULES)
  const hub = openHubDatabase(join(folder, 'hub.db'))
  onTestFinished(() => void hub.close())
  return { folder, hub, texts: [] as string[], applied: { cursor: 0, findingId: 0, eventId: 0 }, found: [] as string[] }
}
type Place = ReturnType<typeof aPlace>

/** One life of the rules thread, up to the end of the messages. @returns what it said */
function live(place: Place, { logEnd }: { readonly logEnd?: number } = {}): readonly RulesEvent[] {
  const said: RulesEvent[] = []
  const deferred: (() => void)[] = []
  const ticks: (() => void)[] = []
  let toRules: (command: RulesCommand) => void = () => undefined
  let toFeed: (message: RulesFeed) => void = () => undefined
  const time = { ms: 1_000_000 }
  runRules({
    port: {
      postMessage(event) {
        said.push(event)
        if (event.kind !== 'findings') return
        for (const { id, rule, fields } of event.findings) if (id > place.applied.findingId) place.found.push(`${rule} ${fields['number'] ?? ''}`.trim())
        place.applied = { cursor: event.cursor, findingId: event.lastId, eventId: event.eventId }
        deferred.push(() => toRules({ kind: 'applied', cursor: event.cursor }))
      },
      on: (_event, heard) => void (toRules = heard),
    },
    feed: { postMessage: () => undefined, on: (_event, heard) => void (toFeed = heard) },
    reader: { batchAfter: (after) => (after >= place.texts.length ? undefined : aBatch(place.texts.slice(after).map((text) => ({ text, receivedMs: 1_000_000 })), after + 1)) },
    hub: place.hub, statePath: join(place.folder, 'rules.db'), directories: [place.folder], counters: countCalls().counters, applied: place.applied, renderer: createRenderer(), seed: 1,
    logEnd: () => logEnd ?? place.texts.length,
    clock: () => (time.ms += 10), elapsedMs: () => (time.ms += 10), cpuMs: () => 0,
    defer: (work) => void deferred.push(work), after: (_ms, work) => void deferred.push(work), every: (_ms, work) => (ticks.push(work), () => undefined), watch: () => () => undefined,
  })
  toFeed({ kind: 'committed', lastSeq: place.texts.length })
  for (let round = 0; round < 6; round++) {
    while (deferred.length > 0) deferred.shift()!()
    for (const tick of ticks) tick()
  }
  toRules({ kind: 'stop' })
  return said
}
const held = (place: Place, nodeId: number) => createHubEventRecords(place.hub).add({ kind: 'state', to: 'held', from: 'running', nodeId, sessionId: 0, seq: 0, atMs: 1_000_000, evidence: 'A', fields: {} })
const keep = ({ folder }: Place) => copyFileSync(join(folder, 'rules.db'), join(folder, 'kept'))
const bringBack = ({ folder }: Place) => copyFileSync(join(folder, 'kept'), join(folder, 'rules.db'))
const forgot = (said: readonly RulesEvent[]) => said.find((event) => event.kind === 'forgot')
const asideOf = ({ folder }: Place) => readdirSync(folder).filter((name) => name.startsWith('rules.db.'))

test('rules.db of the same history is used: a window that is under way goes on', () => {
  const place = aPlace()
  place.texts.push('needle 1', 'needle 2')
  live(place)
  place.texts.push('needle 3')
  expect(forgot(live(place))).toBeUndefined()
  expect(place.found).toEqual(['a.word 1', 'a.word 2', 'a.word 3', 'a.third'])
  expect(asideOf(place)).toEqual([])
})

test('an older rules.db is put aside: nothing fires twice, and what comes is found', () => {
  const place = aPlace()
  place.texts.push('needle 1')
  held(place, 1)
  live(place)
  keep(place)
  place.texts.push('needle 2')
  held(place, 2)
  live(place)
  bringBack(place)
  place.texts.push('needle 3')
  held(place, 3)
  expect(forgot(live(place))).toMatchObject({ why: 'older' })
  expect(place.found.toSorted()).toEqual(['a.held', 'a.held', 'a.held', 'a.word 1', 'a.word 2', 'a.word 3'])
  expect(asideOf(place)).toEqual([expect.stringMatching(/^rules\.db\.older-\d+$/)])
})

test('a newer rules.db is put aside: messages and events whose effects hub.db has lost have them again', () => {
  const place = aPlace()
  place.texts.push('needle 1')
  live(place)
  const before = { ...place.applied }
  place.texts.push('needle 2', 'hay')
  held(place, 2)
  live(place)
  place.applied = before
  place.found = []
  expect(forgot(live(place))).toMatchObject({ why: 'newer' })
  expect(place.found.toSorted()).toEqual(['a.held', 'a.word 2'])
})

test('a rules.db that is ahead of a log that was brought back is put aside: new messages of the same numbers are looked at', () => {
  const place = aPlace()
  place.texts.push('needle 1', 'hay', 'hay')
  live(place)
  place.texts = ['needle 1', 'needle 7']
  place.applied = { ...place.applied, cursor: 1 }
  place.found = []
  expect(forgot(live(place, { logEnd: 2 }))).toMatchObject({ why: 'newer' })
  expect(place.found).toEqual(['a.word 7'])
})

test('without rules.db they begin behind what main has done, events too', () => {
  const place = aPlace()
  place.texts.push('needle 1')
  held(place, 1)
  live(place)
  rmSync(join(place.folder, 'rules.db'))
  place.texts.push('needle 2')
  held(place, 2)
  expect(forgot(live(place))).toBeUndefined()
  expect(place.found.toSorted()).toEqual(['a.held', 'a.held', 'a.word 1', 'a.word 2'])
  expect(existsSync(join(place.folder, 'rules.db'))).toBe(true)
})
