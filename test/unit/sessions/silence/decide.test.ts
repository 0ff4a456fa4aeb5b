import { describe, expect, test } from 'vitest'
import { hear, newRhythm, type Rhythm } from '#domain/silence.ts'
import { decideSilences, MAX_TOLD_A_MINUTE } from '#sessions/silence/decide.ts'
import { expectNode, expectSource, type Boot } from '#sessions/silence/expectation.ts'

const SECOND = 1000
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const START = Date.UTC(2026, 10, 22)
const SETTINGS = { isEnabled: true, minMs: 2 * MINUTE, learnMs: HOUR, bootMs: 15 * MINUTE }

/** Has spoken every `stepMs` for two hours, at the latest until `untilMs`. */
function steady(stepMs: number, untilMs = START + 2 * HOUR): Rhythm {
  const rhythm = newRhythm(START)
  for (let atMs = START; atMs <= untilMs; atMs += stepMs) hear(rhythm, atMs)
  return rhythm
}
const LAST = START + 2 * HOUR
const boot = (fields: Partial<Boot> = {}): Boot => ({ phase: 'open', end: undefined, openedMs: START - HOUR, endedMs: undefined, kind: 'boot', bootActivityMs: START - HOUR, ...fields })

describe('what is expected of a node', () => {
  test.each<[string, Partial<Boot>, { reason: string; dueMs: number } | undefined]>([
    ['that runs', {}, { reason: 'stopped', dueMs: LAST + 2 * MINUTE }],
    ['that installs', { kind: 'install' }, { reason: 'stopped', dueMs: LAST + 15 * MINUTE }],
    ['that has announced its shutdown', { phase: 'ended', end: 'shutdown', endedMs: LAST }, undefined],
    ['that has announced a reboot', { phase: 'ended', end: 'reboot', endedMs: LAST + SECOND }, { reason: 'reboot', dueMs: LAST + SECOND + 15 * MINUTE }],
    ['that boots', { openedMs: LAST + HOUR, bootActivityMs: LAST + HOUR + MINUTE }, { reason: 'boot', dueMs: LAST + HOUR + 16 * MINUTE }],
    ['whose session a later one has taken over', { phase: 'ended', end: 'superseded', endedMs: LAST }, { reason: 'stopped', dueMs: LAST + 2 * MINUTE }],
  ])('%s', (_, fields, expected) => {
    const found = expectNode(steady(10 * SECOND), { boot: boot(fields), settings: SETTINGS })
    expect(found && { reason: found.reason, dueMs: found.fromMs + found.limitMs }).toEqual(expected)
  })

  test('nothing while its rhythm is not known, but a reboot that it announced', () => {
    expect(expectNode(newRhythm(START), { boot: boot(), settings: SETTINGS })).toBeUndefined()
    expect(expectNode(newRhythm(START), { boot: boot({ phase: 'ended', end: 'reboot', endedMs: START }), settings: SETTINGS })).toMatchObject({ reason: 'reboot' })
  })

  test('its limit counts from the end of what excused it', () => {
    const rhythm = steady(10 * SECOND)
    rhythm.floorMs = LAST + 3 * HOUR
    expect(expectNode(rhythm, { boot: boot(), settings: SETTINGS })).toMatchObject({ fromMs: LAST + 3 * HOUR })
  })
})

describe('what is expected of a sender', () => {
  const rhythm = steady(10 * SECOND)
  test.each([
    ['that is nobody\'s', undefined, 'stopped'],
    ['whose node goes on by another one', { rhythm: steady(10 * SECOND, LAST + HOUR), boot: boot(), isSilent: false }, 'other-way'],
    ['whose node is silent as well', { rhythm: steady(10 * SECOND), boot: boot(), isSilent: false }, undefined],
    ['whose node was told to be silent', { rhythm: steady(10 * SECOND, LAST + HOUR), boot: boot(), isSilent: true }, undefined],
    ['whose node has booted since', { rhythm: steady(10 * SECOND, LAST + HOUR), boot: boot({ openedMs: LAST + MINUTE }), isSilent: false }, undefined],
    ['whose node is switched off', { rhythm: steady(10 * SECOND, LAST + HOUR), boot: boot({ phase: 'ended', end: 'shutdown' }), isSilent: false }, undefined],
  ])('%s', (_, owner, reason) => {
    expect(expectSource(rhythm, { owner, settings: SETTINGS })?.reason).toBe(reason)
  })
})

describe('who is silent', () => {
  const ask = (all: readonly Rhythm[], nowMs: number, more: { readonly nobodySinceMs?: number; readonly room?: number } = {}) =>
    decideSilences({ all, expect: (rhythm) => expectNode(rhythm, { boot: boot(), settings: SETTINGS }), nowMs, minMs: SETTINGS.minMs, nobodySinceMs: more.nobodySinceMs, room: more.room ?? MAX_TOLD_A_MINUTE })
  const speaking = (count: number, nowMs: number) => Array.from({ length: count }, () => steady(10 * SECOND, nowMs))

  test('one of many, after its limit and not before', () => {
    const gone = steady(10 * SECOND)
    const nowMs = LAST + 2 * MINUTE
    expect(ask([gone, ...speaking(9, nowMs)], nowMs).silent).toEqual([])
    const { silent, nobody } = ask([gone, ...speaking(9, nowMs + SECOND)], nowMs + SECOND)
    expect(silent.map(({ who }) => who)).toEqual([gone])
    expect(nobody).toBeUndefined()
  })

  test.each([
    { name: 'five of nine', gone: 5, there: 4, isNobody: true },
    { name: 'five of ten', gone: 5, there: 5, isNobody: false },
    { name: 'four of four', gone: 4, there: 0, isNobody: false },
    { name: 'all of thousands', gone: 3000, there: 0, isNobody: true },
  ])('together: $name', ({ gone, there, isNobody }) => {
    const nowMs = LAST + 5 * MINUTE
    const { silent, nobody } = ask([...Array.from({ length: gone }, () => steady(MINUTE)), ...speaking(there, nowMs)], nowMs)
    if (isNobody) expect(nobody).toEqual({ sinceMs: LAST, expected: gone + there, unheard: gone })
    else expect(nobody).toBeUndefined()
    expect(silent.length).toBe(isNobody ? 0 : gone)
  })

  test('those who speak rarely are no witnesses', () => {
    const nowMs = LAST + 4 * MINUTE
    const rare = Array.from({ length: 50 }, () => steady(20 * MINUTE))
    expect(ask([...Array.from({ length: 6 }, () => steady(10 * SECOND)), ...rare], nowMs).nobody).toMatchObject({ expected: 6, unheard: 6 })
  })

  test('while the hub hears nobody nobody else is told; it is over once most speak', () => {
    const nowMs = LAST + 30 * MINUTE
    const gone = Array.from({ length: 6 }, () => steady(10 * SECOND))
    expect(ask([...gone, ...speaking(5, nowMs)], nowMs, { nobodySinceMs: LAST })).toEqual({ silent: [], nobody: { sinceMs: LAST, expected: 11, unheard: 6 } })
    expect(ask([...gone, ...speaking(6, nowMs)], nowMs, { nobodySinceMs: LAST })).toEqual({ silent: [], nobody: 'over' })
  })

  test('no more than there is room for, the longest silent first', () => {
    const nowMs = LAST + 10 * MINUTE
    const gone = Array.from({ length: 30 }, (_, at) => steady(10 * SECOND, LAST - at * SECOND * 10))
    const { silent } = ask([...gone, ...speaking(100, nowMs)], nowMs, { room: 3 })
    expect(silent.map(({ who }) => gone.indexOf(who))).toEqual([29, 28, 27])
  })
})
