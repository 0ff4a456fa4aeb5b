import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import type { HubEvent } from '#domain/hub-event.ts'
import { createHubEventRecords, openHubDatabase, type HubDatabase } from '#store/index.ts'
import { createInventorySnapshot } from '#triggers/state/inventory-snapshot.ts'
import { createNodes } from '#triggers/run/nodes.ts'
import { createHubEvents } from '#triggers/watch-events.ts'

let hub: HubDatabase
/** As another thread has it. */
let writer: HubDatabase
beforeEach(() => {
  const path = join(mkdtempSync(join(tmpdir(), 'hps-inventory-')), 'hub.db')
  hub = openHubDatabase(path)
  writer = openHubDatabase(path)
  writer.exec(`INSERT INTO nodes (id, name, registered, created_ms) VALUES (1, 'n1', 1, 0), (2, 'n2', 1, 0);
    INSERT INTO provision (node_id, state, since_ms, profile, labels) VALUES (1, 'running', 0, 'storage', '{"rack":"r1"}')`)
})
const event = (fields: Partial<HubEvent>): HubEvent => ({ kind: 'state', id: 1, to: 'held', from: '', nodeId: 1, sessionId: 0, seq: 0, atMs: 1000, evidence: 'A', fields: {}, ...fields })
const add = (fields: Partial<HubEvent>): void => createHubEventRecords(writer).add(event(fields))

test('every node is known with what is set of it, also one that nothing was decided about', () => {
  const snapshot = createInventorySnapshot(hub)
  expect(snapshot.refresh()).toBe(true)
  expect([...snapshot.all()]).toEqual([
    { nodeId: 1, name: 'n1', state: 'running', profile: 'storage', labels: { rack: 'r1' }, sessionId: 0, stage: '' },
    { nodeId: 2, name: 'n2', state: '', profile: '', labels: {}, sessionId: 0, stage: '' },
  ])
})

test('what did not change is told not to have changed, and keeps its object', () => {
  const snapshot = createInventorySnapshot(hub)
  snapshot.refresh()
  const before = snapshot.facts(1)
  expect(snapshot.refresh()).toBe(false)
  expect(snapshot.facts(1)).toBe(before)
  writer.exec("UPDATE provision SET labels = '{}' WHERE node_id = 1; DELETE FROM nodes WHERE id = 2")
  expect(snapshot.refresh()).toBe(true)
  expect([...snapshot.all()]).toMatchObject([{ nodeId: 1, labels: {} }])
})

test('events are known before the tables are read, and tables that lag behind take nothing back', () => {
  const snapshot = createInventorySnapshot(hub)
  snapshot.refresh()
  expect(snapshot.note(event({ kind: 'session', to: 'start', sessionId: 7 }))).toBe(true)
  expect(snapshot.note(event({ kind: 'stage', to: 'kernel.up', sessionId: 7 }))).toBe(true)
  expect(snapshot.note(event({ kind: 'stage', to: 'kernel.up', sessionId: 6 }))).toBe(false)
  expect(snapshot.facts(1)).toMatchObject({ sessionId: 7, stage: 'kernel.up' })
  snapshot.refresh()
  expect(snapshot.facts(1)).toMatchObject({ sessionId: 7, stage: 'kernel.up' })
})

test('events come in the order of their numbers, each once, as soon as somebody wrote them', () => {
  const events = createHubEvents(hub, 0)
  expect([events.look(), events.head]).toEqual([true, undefined])
  expect(events.look()).toBe(false)
  for (let index = 1; index <= 600; index++) add({ seq: index })
  events.look()
  const seen: number[] = []
  for (; events.head !== undefined; events.shift()) seen.push(events.head.seq)
  expect(seen).toEqual(Array.from({ length: 600 }, (_, index) => index + 1))
})

test('an event has its place behind the message that showed it, or by its time', () => {
  const nodes = createNodes({ hub, eventId: 0, elapsedMs: () => 0 })
  const rows = { firstSeq: 11, receivedMs: Float64Array.of(1000, 1100, 1200, 1300), from: 0, to: 4 }
  expect(nodes.placeOf(event({ seq: 12 }), rows)).toBe(2)
  expect(nodes.placeOf(event({ seq: 5 }), rows)).toBe(0)
  expect(nodes.placeOf(event({ seq: 14 }), rows)).toBeUndefined()
  expect(nodes.placeOf(event({ atMs: 1100 }), rows)).toBe(2)
  expect(nodes.placeOf(event({ atMs: 900 }), rows)).toBe(0)
})

test('one whose message never comes is taken after a while', () => {
  const nodes = createNodes({ hub, eventId: 0, elapsedMs: () => 0 })
  expect(nodes.isDue(event({ seq: 9 }), { cursor: 8, clockMs: 2000 })).toBe(false)
  expect(nodes.isDue(event({ seq: 9 }), { cursor: 8, clockMs: 6001 })).toBe(true)
  expect(nodes.isDue(event({ seq: 9 }), { cursor: 9, clockMs: 1000 })).toBe(true)
})
