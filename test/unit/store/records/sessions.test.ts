import { expect, test } from 'vitest'
import { createNodeRecords, createSessionRecords, createSourceRecords, openHubDatabase, REPLAY_REASON, type SessionRecord } from '#store/index.ts'

const session = (id: number, fields: Partial<SessionRecord> = {}): SessionRecord => ({
  id, nodeId: 1, kind: 'boot', origin: 'kernel', state: 'open', end: undefined, openedMs: 1000 * id, endedMs: undefined, bootTimeMs: undefined, bootId: undefined,
  stage: undefined, firstSeq: id, lastSeq: id, lastMessageMs: 1000 * id, messages: 1, replayed: 0, numbered: 0, acknowledged: 0, streamed: 0, datagramListeners: [], hashes: [], kernelMarks: undefined, ...fields,
})

function open() {
  const db = openHubDatabase(':memory:')
  const nodes = createNodeRecords(db)
  nodes.save({ id: 1, name: 'web1', registered: true, createdMs: 1, lastSeenMs: undefined, currentSession: undefined })
  nodes.saveName('web1', 1)
  return { db, nodes, sessions: createSessionRecords(db), sources: createSourceRecords(db) }
}

test('a session comes back as it was saved, its hashes newest first', () => {
  const { sessions } = open()
  const saved = session(3, { end: 'reboot', state: 'ended', endedMs: 9000, bootTimeMs: 2500, bootId: 'b', stage: 'kernel.up', kernelMarks: Uint8Array.of(1, 2, 3) })
  sessions.save(saved)
  sessions.addHash(3, 'aaaaaa', 10)
  sessions.addHash(3, 'bbbbbb', 20)
  const read = sessions.byId(3)!
  expect({ ...read, kernelMarks: [...read.kernelMarks!] }).toEqual({ ...saved, hashes: ['bbbbbb', 'aaaaaa'], kernelMarks: [1, 2, 3] })
  expect(sessions.shownHash(3)).toBe('bbbbbb')
  expect(sessions.nextId()).toBe(4)
})

test('lists are newest first, page on, and leave out suspects and joined sessions', () => {
  const { sessions } = open()
  for (const id of [1, 2, 3, 4, 5]) sessions.save(session(id, id === 4 ? { state: 'suspect' } : {}))
  sessions.saveAlias({ sessionId: 2, joinedTo: 3, reason: 'operator', atMs: 1 })
  const ids = (filter: Parameters<typeof sessions.list>[0]) => sessions.list(filter).map((found) => found.id)
  expect(ids({ limit: 10 })).toEqual([5, 3, 1])
  expect(ids({ limit: 1, beforeId: 5, nodeId: 1 })).toEqual([3])
  expect(ids({ limit: 10, nodeId: 2 })).toEqual([])
  expect(sessions.suspects().map((found) => found.id)).toEqual([4])
})

test('aliases are followed both ways, also in chains, and only operators\' joins are shown', () => {
  const { sessions } = open()
  for (const id of [1, 2, 3, 4]) sessions.save(session(id))
  for (const [sessionId, joinedTo, reason] of [[1, 2, 'operator'], [2, 3, 'operator'], [4, 3, REPLAY_REASON]] as const) sessions.saveAlias({ sessionId, joinedTo, reason, atMs: 1 })
  sessions.addHash(1, 'aaaaaa', 1)
  sessions.addHash(3, 'aaaaaa', 2)
  expect([sessions.rootOf(1), sessions.rootOf(3), sessions.rootOf(99)]).toEqual([3, 3, 99])
  expect(sessions.expand([1])).toEqual([1, 2, 3, 4])
  expect(sessions.joinedTo(3)).toEqual([2])
  expect(sessions.byHash('aaaaaa').map((found) => found.id)).toEqual([3])
})

test('openings are those of the newest sessions that count, joined ones with the opening of what they count as', () => {
  const { nodes, sessions } = open()
  nodes.save({ id: 2, name: 'web2', registered: true, createdMs: 1, lastSeenMs: undefined, currentSession: undefined })
  for (const id of [1, 2, 3, 4, 5]) sessions.save(session(id, { nodeId: id > 3 ? 2 : 1, ...(id === 5 ? { state: 'suspect' } : {}) }))
  sessions.saveAlias({ sessionId: 2, joinedTo: 3, reason: 'operator', atMs: 1 })
  sessions.saveAlias({ sessionId: 1, joinedTo: 2, reason: 'operator', atMs: 1 })
  const openings = (of: Parameters<typeof sessions.openings>[0]) => {
    const { openings: found, isCut } = sessions.openings(of)
    return [Object.fromEntries(found.map(({ id, openedMs }) => [id, openedMs])), isCut]
  }
  expect(openings({ limit: 2 })).toEqual([{ 1: 3000, 2: 3000, 3: 3000, 4: 4000 }, false])
  expect(openings({ limit: 1 })).toEqual([{ 4: 4000 }, true])
  expect(openings({ nodeIds: [1], limit: 9 })).toEqual([{ 1: 3000, 2: 3000, 3: 3000 }, false])
  expect(openings({ ids: [1, 4, 77], limit: 9 })).toEqual([{ 4: 4000 }, false])
  expect(openings({ nodeIds: [], limit: 9 })).toEqual([{}, false])
})

test('a hash of two sessions gives both', () => {
  const { sessions } = open()
  for (const id of [1, 2]) {
    sessions.save(session(id))
    sessions.addHash(id, 'cccccc', id)
  }
  expect(sessions.byHash('cccccc').map((found) => found.id)).toEqual([2, 1])
  expect(sessions.byHash('dddddd')).toEqual([])
})

test('nodes are found by name, alias, MAC and address; a star makes a prefix and nothing else does', () => {
  const { nodes } = open()
  nodes.saveName('web-alias', 1)
  nodes.saveMac('52:54:00:00:00:01', 1)
  nodes.saveAddress(1, { address: '10.0.0.1', kind: 'lease', mac: '52:54:00:00:00:01', sinceMs: 5 })
  const expected = { id: 1, name: 'web1', registered: true, aliases: ['web-alias'], macs: ['52:54:00:00:00:01'], addresses: [{ address: '10.0.0.1', kind: 'lease', mac: '52:54:00:00:00:01', sinceMs: 5 }] }
  for (const found of [nodes.byName('WEB1'), nodes.byName('web-alias'), nodes.byMac('52:54:00:00:00:01'), nodes.byAddress('10.0.0.1')?.node, nodes.list()[0]]) expect(found).toMatchObject(expected)
  expect([nodes.idsNamed('web*'), nodes.idsNamed('web?'), nodes.idsNamed('[w]eb1'), nodes.idsNamed('web1')]).toEqual([[1], [], [], [1]])
  expect(nodes.nameOf(1)).toBe('web1')
})

test('sources are found by address', () => {
  const { sources } = open()
  const source = { id: 1, address: '10.0.0.1', transport: 'udp', listener: 'udp', certificate: 'tch-001', roles: ['dhcp', 'hub'], firstSeenMs: 1, lastSeenMs: 2, messages: 3, faulty: 4, conflicts: 5, rate: 0.5, clock: { offsetMs: -20, confirmedMs: 7 } } as const
  sources.save(source)
  expect(sources.list()).toEqual([source])
  expect([sources.idsAt('10.0.0.1'), sources.idsAt('10.*'), sources.idsAt('10.0.0.?'), sources.addressOf(1)]).toEqual([[1], [1], [], '10.0.0.1'])
})
