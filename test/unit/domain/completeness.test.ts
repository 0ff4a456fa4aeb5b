import { describe, expect, test } from 'vitest'
import { COMPLETENESS_REASONS, gapSize, judgeCompleteness, lostMeanwhile, type CompletenessReason, type CompletenessVerdict, type SessionAccount } from '#domain/completeness.ts'
import { LOSS_REASONS } from '#domain/loss.ts'

const account = (given: Partial<SessionAccount> = {}): SessionAccount => ({ messages: 10, numbered: 10, acknowledged: 0, streamed: 0, losses: [], lostMeanwhile: 0, isFolded: false, ...given })
const loss = (reason: (typeof LOSS_REASONS)[number], count = 1) => ({ reason, count })

test.for<[what: string, given: Partial<SessionAccount>, verdict: CompletenessVerdict, reasons: readonly (readonly [CompletenessReason, number])[]]>([
  ['all have numbers', {}, 'complete', []],
  ['all were acknowledged', { numbered: 0, acknowledged: 10 }, 'complete', []],
  ['each has a number or was acknowledged', { numbered: 4, acknowledged: 6 }, 'complete', []],
  ['some came twice', { losses: [loss('doubled', 3)] }, 'complete', [['doubled', 3]]],
  ['what was missing came late', { losses: [loss('missing', 5), loss('missing', -5)] }, 'complete', []],
  ['numbers are missing', { losses: [loss('missing', 5), loss('missing', -2)] }, 'gaps', [['missing', 3]]],
  ['one is cut', { losses: [loss('cut')] }, 'gaps', [['cut', 1]]],
  ['shed, though acknowledged else', { numbered: 0, acknowledged: 10, losses: [loss('shed', 2)] }, 'gaps', [['shed', 2]]],
  ['gaps first, then doubts, then notes', { numbered: 7, losses: [loss('doubled'), loss('passed-over'), loss('disk-refused')] }, 'gaps', [['disk-refused', 1], ['passed-over', 1], ['datagrams', 3], ['doubled', 1]]],
  ['numbers of a kernel passed over', { losses: [loss('passed-over', 4)] }, 'unknown', [['passed-over', 4]]],
  ['datagrams without numbers', { numbered: 2 }, 'unknown', [['datagrams', 8]]],
  ['streams without numbers', { numbered: 2, streamed: 8 }, 'unknown', [['streams', 8]]],
  ['both', { numbered: 2, acknowledged: 1, streamed: 3 }, 'unknown', [['datagrams', 4], ['streams', 3]]],
  ['datagrams while the listener lost some', { numbered: 2, lostMeanwhile: 7 }, 'unknown', [['listener-lost', 7], ['datagrams', 8]]],
  ['what the listener lost is told by the numbers', { lostMeanwhile: 7 }, 'complete', []],
  ['no message', { messages: 0, numbered: 0 }, 'unknown', [['no-message', 0]]],
  ['the ledger has forgotten', { isFolded: true }, 'unknown', [['folded', 0]]],
])('%s', ([, given, verdict, reasons]) => {
  const found = judgeCompleteness(account(given))
  expect([found.verdict, found.reasons.map(({ reason, count }) => [reason, count])]).toEqual([verdict, reasons])
})

test('every reason is a sentence of its own with its number', () => {
  const all = judgeCompleteness(account({ numbered: 0, streamed: 4, lostMeanwhile: 3, isFolded: true, losses: LOSS_REASONS.map((reason) => loss(reason, 2)) })).reasons
  const none = judgeCompleteness(account({ messages: 0, numbered: 0 })).reasons
  expect([...all, ...none].map(({ reason }) => reason).toSorted()).toEqual([...COMPLETENESS_REASONS].toSorted())
  expect(new Set(all.map(({ text }) => text)).size).toBe(all.length)
  for (const { count, text } of all) expect(text).toMatch(count > 0 ? new RegExp(`^(?!.*undefined).*\\b${count} messages?\\b.*\\.$`) : /^[A-Z].*\.$/)
  expect(judgeCompleteness(account({ losses: [loss('cut')] })).reasons[0]!.text).toBe('1 message cut at syslog.max_frame.')
})

test('a gap is as large as the numbers or the ledger say, not both', () => {
  expect(gapSize(judgeCompleteness(account({ losses: [loss('shed', 5), loss('no-free-batch', 2), loss('missing', 6), loss('cut', 3), loss('doubled', 9)] })))).toBe(10)
})

describe('what the listeners of a session lost while it was open', () => {
  const window = { listener: 'udp', reason: 'kernel-buffer', count: 5, firstMs: 1000, lastMs: 2000 } as const
  test.for<[string, { readonly datagramListeners?: readonly string[]; readonly openedMs?: number; readonly endedMs?: number | undefined }, number]>([
    ['in its midst', {}, 5],
    ['by another listener', { datagramListeners: ['consoles'] }, 0],
    ['it came by none', { datagramListeners: [] }, 0],
    ['before it was opened', { openedMs: 2001 }, 0],
    ['after it had ended', { endedMs: 999 }, 0],
    ['at its very end', { endedMs: 1000 }, 5],
    ['and it is open still', { openedMs: 2000, endedMs: undefined }, 5],
  ])('%s', ([, given, count]) => {
    expect(lostMeanwhile({ datagramListeners: ['udp'], openedMs: 0, endedMs: 5000, ...given }, [window])).toBe(count)
  })

  test('numbers that never came and cut messages are of nobody else', () => {
    expect(lostMeanwhile({ datagramListeners: ['udp'], openedMs: 0, endedMs: undefined }, [{ ...window, reason: 'cut' }, { ...window, reason: 'doubled' }, { ...window, reason: 'shed', count: 2 }])).toBe(2)
  })
})
