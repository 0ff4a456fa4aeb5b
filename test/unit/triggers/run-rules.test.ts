import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { packBatch, type Batch } from '#domain/batch.ts'

import { createRenderer } from '#render/index.ts'
import { openHubDatabase } from '#store/index.ts'
import { runRules, type RulesCommand, type RulesCredit, type RulesEvent, type RulesFeed } from '#triggers/index.ts'
import { aBatch, countCalls, ruleFile } from './support.ts'

const RULE = ruleFile({ id: 'a.word', body: 'severity: error\nwhen: {match: {contains: needle}}\nby: [app]' })

/** One end of a channel, without threads. */
function aPort<In, Out>() {
  const sent: Out[] = []
  let listener: (message: In) => void = () => undefined
  return { sent, say: (message: In) => listener(message), port: { postMessage: (message: Out) => void sent.push(message), on: (_event: 'message', heard: (message: In) => void) => void (listener = heard) } }
}

/** The rules thread with everything in the hands of the test. `texts[seq - 1]` is what the store has. */
function start({ texts = [], startCursor = 0, rules = RULE }: { readonly texts?: readonly string[]; readonly startCursor?: number; readonly rules?: string } = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'hps-rules-'))
  const write = (text: string) => writeFileSync(join(directory, 'r.yaml'), text)
  write(rules)
  const time = { ms: 1000, elapsedMs: 0 }
  const main = aPort<RulesCommand, RulesEvent>()
  const writer = aPort<RulesFeed, RulesCredit>()
  const deferred: (() => void)[] = []
  const store = [...texts]
  const reads: number[] = []
  let tick = () => undefined as void
  let changed = () => undefined as void
  const { counters, counts } = countCalls()
  runRules({
    port: main.port, feed: writer.port, directories: [directory], counters, applied: { cursor: startCursor, findingId: 0 }, renderer: createRenderer(),
    hub: openHubDatabase(join(directory, 'hub.db')), statePath: join(directory, 'rules.db'), seed: 1, clock: () => time.ms, elapsedMs: () => (time.elapsedMs += 25), cpuMs: () => time.elapsedMs,
    after: (_ms, work) => void deferred.push(work),
    reader: {
      // a run of stored messages ends where a seq was never given
      batchAfter(afterSeq): Batch | undefined {
        reads.push(afterSeq)
        const first = store.findIndex((text, index) => index >= afterSeq && text !== '')
        if (first < 0) return undefined
        const gap = store.indexOf('', first)
        const run = store.slice(first, gap < 0 ? undefined : gap)
        return aBatch(run.map((text, index) => ({ text, receivedMs: first + 1 + index })), first + 1)
      },
    },
    defer: (work) => void deferred.push(work),
    every: (_ms, work) => ((tick = work), () => void (tick = () => undefined)),
    watch: (_directories, work) => ((changed = work), () => undefined),
  })
  const run = () => {
    while (deferred.length > 0) deferred.shift()!()
  }
  /** Commits messages: they are in the store, and the writer sends the batch. */
  const commit = (messages: readonly string[], { sends = true } = {}) => {
    const firstSeq = store.length + 1
    store.push(...messages)
    if (sends) writer.say({ kind: 'batch', header: packBatch(aBatch(messages.map((text) => ({ text, receivedMs: 1 })), firstSeq)) })
    else writer.say({ kind: 'committed', lastSeq: store.length })
  }
  const posts = () => main.sent.filter((event) => event.kind === 'findings')
  return {
    main, writer, run, commit, write, counts, reads, posts,
    tick: () => tick(),
    changed: () => changed(),
    /** `seq×count` of every hit that was posted. */
    hits: () => posts().flatMap(({ findings }) => findings.map(({ seq, count }) => `${seq}×${count}`)),
    acknowledge: () => main.say({ kind: 'applied', cursor: posts().at(-1)?.cursor ?? 0 }),
  }
}

test('batches are matched in memory, hits go to main at once with the cursor', () => {
  const rules = start()
  rules.run()
  rules.commit(['hay', 'a needle', 'hay'])
  rules.run()
  expect(rules.hits()).toEqual(['2×1'])
  expect(rules.posts()[0]).toMatchObject({ cursor: 3 })
  expect(rules.writer.sent).toEqual([{ kind: 'taken', lastSeq: 3 }])
  expect(rules.reads).toEqual([0])
})

test('a cursor that moved without hits is told at the next tick, once', () => {
  const rules = start()
  rules.run()
  rules.commit(['hay'])
  rules.run()
  expect(rules.posts()).toEqual([])
  rules.tick()
  rules.tick()
  expect(rules.posts()).toMatchObject([{ cursor: 1, findings: [] }])
})

test('after a restart it goes on behind the cursor, from the store', () => {
  const rules = start({ texts: ['needle', 'needle', 'hay', 'needle'], startCursor: 1 })
  rules.run()
  expect(rules.hits()).toEqual(['2×2'])
  expect(rules.posts().at(-1)!.cursor).toBe(4)
  expect(rules.counts['caughtUp']).toBe(3)
})

test('it reads all pages of what it missed, without waiting for the next message', () => {
  const rules = start({ texts: Array.from({ length: 2500 }, (_, index) => (index % 1000 === 999 ? 'needle' : 'hay')) })
  rules.run()
  expect(rules.hits()).toEqual(['1000×1', '2000×1'])
  rules.acknowledge()
  rules.acknowledge()
  rules.tick()
  expect(rules.posts().at(-1)!.cursor).toBe(2500)
})

test('batches that were not sent are read from the store, in order, each message once', () => {
  const rules = start()
  rules.run()
  rules.commit(['needle one'])
  rules.commit(['needle two', 'hay'], { sends: false })
  rules.commit(['needle three'])
  rules.run()
  expect(rules.posts().map(({ findings, cursor }) => [findings.map(({ text }) => text), cursor])).toEqual([[['needle one'], 1], [['needle two'], 3], [['needle three'], 4]])
})

test('what the writer only said to be committed is read as well', () => {
  const rules = start()
  rules.run()
  rules.commit(['needle'], { sends: false })
  rules.run()
  expect(rules.hits()).toEqual(['1×1'])
})

test('numbers that were never given leave a gap that is passed', () => {
  const rules = start({ texts: ['hay', '', '', ''] })
  rules.run()
  rules.commit(['needle'])
  rules.run()
  rules.tick()
  expect(rules.hits()).toEqual(['5×1'])
  expect(rules.posts().at(-1)!.cursor).toBe(5)
})

test('a batch that overlaps the cursor is matched behind it only', () => {
  const rules = start({ texts: ['needle', 'needle'] })
  rules.run()
  rules.writer.say({ kind: 'batch', header: packBatch(aBatch([{ text: 'needle' }, { text: 'needle' }, { text: 'needle' }])) })
  rules.run()
  expect(rules.hits()).toEqual(['1×2', '3×1'])
})

test('with eight posts not acknowledged it waits, and goes on where it was', () => {
  const rules = start()
  rules.run()
  for (let index = 0; index < 30; index++) {
    rules.commit(['needle'])
    rules.run()
  }
  expect(rules.posts()).toHaveLength(8)
  expect(rules.counts['skippedBatches']).toBeGreaterThan(0)
  rules.tick()
  expect(rules.posts()).toHaveLength(8)
  for (let index = 0; index < 30; index++) {
    rules.acknowledge()
    rules.run()
  }
  expect(rules.posts().reduce((sum, { findings }) => sum + findings.reduce((all, { count }) => all + count, 0), 0)).toBe(30)
  expect(rules.posts().at(-1)!.cursor).toBe(30)
  expect(rules.writer.sent).toHaveLength(30)
})

test('a set with a fault is refused whole and the old one stays', () => {
  const rules = start()
  rules.run()
  rules.write(RULE.replace('severity: error', 'severity: eror'))
  rules.changed()
  expect(rules.main.sent.at(-1)).toMatchObject({ kind: 'refused', faults: [expect.stringMatching(/r\.yaml:6:13: .*severity must be one of critical, error, warning, info, not "eror" \(did you mean error\?\)$/)] })
  rules.commit(['needle'])
  rules.run()
  expect(rules.hits()).toEqual(['1×1'])
})

test('a new set is in use from the next message on', () => {
  const rules = start()
  rules.run()
  rules.commit(['needle', 'straw'])
  rules.run()
  rules.write(RULE.replaceAll('needle', 'straw'))
  rules.main.say({ kind: 'reload' })
  expect(rules.main.sent.at(-1)).toMatchObject({ kind: 'loaded', rules: 1, tests: 1, list: [{ id: 'a.word', status: 'live' }] })
  rules.commit(['needle', 'straw'])
  rules.run()
  expect(rules.hits()).toEqual(['1×1', '4×1'])
})

test('until a first set is loaded the cursor stands still, and then nothing was missed', () => {
  const rules = start({ rules: 'rules: {' })
  rules.run()
  rules.commit(['needle'])
  rules.run()
  rules.tick()
  expect(rules.posts()).toEqual([])
  rules.write(RULE)
  rules.changed()
  rules.run()
  expect(rules.hits()).toEqual(['1×1'])
})

test('stopped, it says so and does nothing more', () => {
  const rules = start()
  rules.run()
  rules.main.say({ kind: 'stop' })
  rules.commit(['needle'])
  rules.run()
  rules.tick()
  expect(rules.main.sent.at(-1)).toEqual({ kind: 'stopped' })
  expect(rules.posts()).toEqual([])
})
