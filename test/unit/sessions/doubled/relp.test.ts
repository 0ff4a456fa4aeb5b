import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { HINT } from '#domain/batch.ts'
import { createLossRecords } from '#store/index.ts'
import { createHub, type Hub, type SentFrame } from '../kit.ts'

const RELP = { from: '10.0.0.7', transport: 'relp', listener: 'relp' } as const
const OTHER = { from: '10.0.0.8', transport: 'relp', listener: 'relp' } as const
const stamped = (n: number): string => `<13>1 2026-11-22T14:00:00.${String(n).padStart(6, '0')}Z node01 app - - - message`
const bare = (text: string): string => `<13>app: ${text}`
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, n) => from + n)

/** Sends in one batch. @returns for each frame whether it is marked */
function send(hub: Hub, frames: readonly string[], { isOpening = false, sender = RELP }: { readonly isOpening?: boolean; readonly sender?: SentFrame['sender'] } = {}): boolean[] {
  hub.sendAll(frames.map((frame, n) => ({ sender, frame, isOpening: isOpening && n === 0 })))
  const { faults, rows, hints } = hub.appender.batches.at(-1)!
  for (const bits of hints.subarray(0, rows)) expect(bits & HINT.opening).toBe(0)
  return [...faults.subarray(0, rows)].map((bits) => (bits & (1 << 26)) !== 0)
}
const open = (hub: Hub, frames: readonly string[]): boolean[] => send(hub, frames, { isOpening: true })
const yes = (count: number): boolean[] => Array<boolean>(count).fill(true)
const no = (count: number): boolean[] => Array<boolean>(count).fill(false)

describe('a connection that broke: what was not acknowledged comes again', () => {
  test('the end of what was stored, then new ones', () => {
    const hub = createHub()
    send(hub, range(1, 100).map(stamped))
    expect(open(hub, range(61, 120).map(stamped))).toEqual([...yes(40), ...no(20)])
    expect(hub.counter('doubled:relp')).toBe(40)
    hub.command({ kind: 'flush' })
    expect(createLossRecords(hub.db).list({ sinceMs: 0, limit: 9 })).toMatchObject([{ reason: 'doubled', count: 40, sourceId: 1, listener: 'relp', sessionId: hub.sessions('node01')[0]!.id }])
  })

  test('in batches as small as they come, before and behind the break', () => {
    const hub = createHub()
    for (const n of range(1, 20)) send(hub, [stamped(n)])
    expect(open(hub, [stamped(15)])).toEqual([true])
    expect(range(16, 25).map((n) => send(hub, [stamped(n)])[0])).toEqual([...yes(5), ...no(5)])
  })

  test('the connection broke within the batch', () => {
    const hub = createHub()
    send(hub, range(1, 5).map(stamped))
    hub.sendAll([...range(6, 9), ...range(4, 12)].map((n, at) => ({ sender: RELP, frame: stamped(n), isOpening: at === 4 })))
    expect([...hub.appender.batches.at(-1)!.faults.subarray(0, 13)].map((bits) => (bits >>> 26) & 1)).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0, 0])
  })

  test('it broke again while they came again', () => {
    const hub = createHub()
    send(hub, range(1, 50).map(stamped))
    expect(open(hub, range(21, 40).map(stamped))).toEqual(yes(20))
    expect(open(hub, range(21, 60).map(stamped))).toEqual([...yes(30), ...no(10)])
  })

  test('messages without a stamp, in the order in which they were', () => {
    const hub = createHub()
    send(hub, ['a', 'b', 'c', 'd'].map(bare))
    expect(open(hub, ['c', 'd', 'c', 'd'].map(bare))).toEqual([true, true, false, false])
  })

  test('two connections of one sender that mix', () => {
    const hub = createHub()
    send(hub, [1, 1001, 2, 1002, 1003, 3, 4, 1004].map(stamped))
    expect(open(hub, [2, 1005, 3, 4, 1006, 5].map(stamped))).toEqual([true, false, true, true, false, false])
    // both break: one comes again, the other has lost nothing; then both come again
    expect(open(hub, [4].map(stamped))).toEqual([true])
    expect(open(hub, [1007].map(stamped))).toEqual([false])
    expect(send(hub, [5, 6, 1008, 7].map(stamped))).toEqual([true, false, false, false])
    expect(open(hub, [1007].map(stamped))).toEqual([true])
    expect(open(hub, [6].map(stamped))).toEqual([true])
    expect(send(hub, [1008, 7, 1009, 8].map(stamped))).toEqual([true, true, false, false])
  })

  test('whatever was stored, and whatever the sender has not seen acknowledged, each copy is marked and nothing else', () => {
    fc.assert(fc.property(fc.array(fc.record({ add: fc.integer({ min: 1, max: 60 }), again: fc.nat(128), cut: fc.integer({ min: 1, max: 70 }) }), { minLength: 1, maxLength: 8 }), (breaks) => {
      const hub = createHub()
      let sent = 0
      let stored = 0
      let marked = 0
      for (const { add, again, cut } of breaks) {
        const from = Math.max(1, sent - again + 1)
        sent += add
        const frames = range(from, sent).map(stamped)
        for (let at = 0; at < frames.length; at += cut) {
          const part = frames.slice(at, at + cut)
          marked += send(hub, part, { isOpening: at === 0 }).filter(Boolean).length
          stored += part.length
        }
      }
      expect(stored - marked).toBe(sent)
    }), { numRuns: 50 })
  })
})

describe('what is not marked', () => {
  test('equal messages on a connection that goes on', () => {
    const hub = createHub()
    send(hub, [stamped(1), stamped(2)])
    expect(send(hub, [stamped(1), stamped(2)])).toEqual(no(2))
  })

  test('equal messages without a stamp on a new connection, that are not what the stored ones end with', () => {
    const hub = createHub()
    send(hub, ['a', 'b', 'c'].map(bare))
    expect(open(hub, ['a', 'c', 'd'].map(bare))).toEqual(no(3))
  })

  test('what another sender has sent', () => {
    const hub = createHub()
    send(hub, [stamped(1), stamped(2)])
    expect(send(hub, [stamped(1), stamped(2)], { isOpening: true, sender: OTHER })).toEqual(no(2))
  })

  test('unstamped messages after the stored ones have come again to their end', () => {
    const hub = createHub()
    send(hub, ['a', 'b', 'a', 'b'].map(bare))
    expect(open(hub, ['a', 'b', 'a', 'b', 'a', 'b'].map(bare))).toEqual([...yes(4), ...no(2)])
  })

  test('what comes again a minute after the connection began', () => {
    const hub = createHub()
    send(hub, range(1, 10).map(stamped))
    expect(open(hub, [stamped(9)])).toEqual([true])
    hub.wait(61_000)
    expect(send(hub, [stamped(10)])).toEqual([false])
  })
})

describe('a hub that ends', () => {
  test.for(['killed', 'clean'] as const)('%s: the next one knows what it has', (how) => {
    const hub = createHub()
    send(hub, range(1, 100).map(stamped))
    hub.command({ kind: 'flush' })
    send(hub, range(101, 120).map(stamped))
    const next = hub.restart(how)
    // the kit hands over what is behind the last flush; the log writer's thread what is before it, too
    if (how === 'clean') for (const batch of next.appender.batches) next.writer.recount(batch, 0)
    expect(open(next, range(105, 130).map(stamped))).toEqual([...yes(16), ...no(10)])
    expect(next.sessions('node01')[0]!.messages).toBe(120 + 26)
  })

  test('marks are counted once more after a kill', () => {
    const hub = createHub()
    send(hub, range(1, 10).map(stamped))
    open(hub, range(6, 12).map(stamped))
    const next = hub.restart('killed')
    next.command({ kind: 'flush' })
    expect(createLossRecords(next.db).list({ sinceMs: 0, limit: 9 })).toMatchObject([{ reason: 'doubled', count: 5 }])
  })

  test('a batch that the disk refused: its messages are new, and the beginning of the connection is still to come', () => {
    const hub = createHub()
    send(hub, range(1, 10).map(stamped))
    hub.appender.failWith = 'no space'
    hub.sendAll(range(8, 15).map((n) => ({ sender: RELP, frame: stamped(n), isOpening: n === 8 })))
    hub.appender.failWith = undefined
    expect(send(hub, range(8, 15).map(stamped))).toEqual([...yes(3), ...no(5)])
    expect(hub.counter('doubled:relp')).toBe(3)
  })
})

test('a number that a broken connection brings again is marked once, and its sequence goes on', () => {
  const hub = createHub()
  const numbered = (n: number): string => `<13>1 2026-11-22T14:00:00Z node01 app - - [meta sequenceId="${n}"] message`
  send(hub, range(100, 110).map(numbered))
  expect(open(hub, range(105, 115).map(numbered))).toEqual([...yes(6), ...no(5)])
  expect([hub.counter('doubled:relp'), hub.counter('doubled:number')]).toEqual([6, 0])
})

test('thousands of connections in one batch are looked at in time', () => {
  const hub = createHub()
  send(hub, range(1, 600).map(stamped))
  const startMs = performance.now()
  hub.sendAll(range(1, 8000).map((n) => ({ sender: RELP, frame: stamped(n % 600), isOpening: true })))
  expect(performance.now() - startMs).toBeLessThan(3000)
})
