import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createRenderer } from '#render/index.ts'
import { loadRules } from '#triggers/index.ts'
import { suggestRule, type ChosenLine, type Suggestion } from '../../../../src/triggers/study/suggest.ts'

const renderer = createRenderer()
const line = (text: string, app = 'kernel', severity = 3): ChosenLine => ({ app, severity, text })
const suggest = (good: readonly ChosenLine[], bad: readonly ChosenLine[] = []): Suggestion => suggestRule({ id: 'suggested.x', good, bad }, renderer)
const textOf = (made: Suggestion): string => {
  if (!made.ok) throw new Error(made.detail)
  return made.text
}

describe('a rule out of lines', () => {
  test('what varies becomes named groups, what is one of a few things becomes part of the key', () => {
    const text = textOf(suggest([line('md0: Disk failure on sda1, 3 left'), line('md1: Disk failure on nvme0n1p2, 12 left')], [line('md0: Disk removed from sda1, 3 left')]))
    const loaded = loadRules([{ name: 'x.yaml', text }], { renderer })
    expect(loaded).toMatchObject({ ok: true, value: { tests: 3, rules: [{ id: 'suggested.x', by: ['node', 'name'], policy: { status: 'shadow', severity: 'error' } }] } })
    expect(text).toContain(String.raw`(?P<number>\\d+) left`)
  })

  test.each([
    ['the values', 'pool tank is DEGRADED', 'pool tank is ONLINE', '(?P<name>DEGRADED|FAULTED)'],
    ['what stands behind', 'pool tank is FAULTED', 'pool tank is FAULTED, says a drill', '$'],
    ['a severity', 'pool tank is FAULTED', 'pool tank is FAULTED', 'severity:'],
  ])('a bad line is told apart by %s', (_, good, bad, told) => {
    const made = suggest([line(good), line('pool home is FAULTED'), line('pool home is DEGRADED')], [line(bad, 'kernel', 6)])
    expect(textOf(made)).toContain(told)
  })

  test.each([
    ['nothing-in-common', [line('alpha beta'), line('gamma delta')], []],
    ['not-told-apart', [line('the same line')], [line('the same line')]],
    ['no-lines', [], []],
    ['too-many', Array.from({ length: 51 }, () => line('the same line')), []],
  ] as const)('it says %s where there is none', (reason, good, bad) => {
    expect(suggest(good, bad)).toMatchObject({ ok: false, reason })
  })

  test.each([
    ['a template', 'disk {{node}} {{{x}}} failed'],
    ['a variable', '$slow_install disk failed'],
    ['YAML', 'disk: [a, {b: *c}] # failed\n- id: evil'],
    ['an expression', 'disk (?P<a>.*)+ failed ^$ [z-a] \\1'],
    ['an app with a star', 'disk failed', 'ev*'],
    ['an app with a colon', 'disk failed', 'a: b'],
  ])('text of a sender is only text: %s', (_, text, app = 'kernel') => {
    const loaded = loadRules([{ name: 'x.yaml', text: textOf(suggest([line(text, app)])) }], { renderer })
    expect(loaded.ok && loaded.value.rules).toHaveLength(1)
  })

  test.each(['$$ of the shell', '$$name of it', '$name of it', '$$$ of it', '$5 of it', '{{{name}}} $$ of it'])('%s is no variable and no template', (text) => {
    expect(textOf(suggest([line(text), line(text)], [line('another of it')]))).toContain('status: shadow')
  })

  test('what cannot be seen is written as a number', () => {
    expect(textOf(suggest([line('disk failed \u202e\u009b \u200b now')]))).not.toMatch(/[\u0080-\u009f\u200b\u202e]/)
  })

  test('whatever the lines are, a file that is given loads, and is for all good and no bad ones', () => {
    const word = fc.constantFrom('disk', 'sda1', 'failed', '17', '10.0.0.7', '{{x}}', '$y', '- ', ': ', '"', "'", '\n', '\\', '(', '[', '*', '#', '\u202e', '\u0007', 'é', 'now')
    const text = fc.array(word, { minLength: 1, maxLength: 12 }).map((words) => words.join(' '))
    const chosen = fc.record({ app: fc.constantFrom('kernel', 'a b', 'x*', '@y', '', 'cron'), severity: fc.integer({ min: 0, max: 7 }), text })
    fc.assert(
      fc.property(fc.array(chosen, { minLength: 1, maxLength: 4 }), fc.array(chosen, { maxLength: 3 }), (good, bad) => {
        const made = suggest(good, bad)
        // the loader runs the tests that it wrote: each good line fires, no bad one does
        expect(made.ok || made.reason !== 'refused' || made.detail).toBe(true)
      }),
      { numRuns: 150 },
    )
  })
})
