import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import { createRulesEngine } from '#triggers/index.ts'
import { compileExpression } from '#triggers/match/expression.ts'
import { foldCase, holds, textSet } from '#triggers/match/condition.ts'
import { regexLiteral } from '#triggers/match/literal.ts'
import { lineOfRow } from '#triggers/match/line.ts'
import type { Match, Rule } from '#triggers/rules/rule.ts'
import { aBatch, aRule, countCalls, stored } from '../unit/triggers/support.ts'

/** Few words, so that rules and messages meet often; with letters that fold, digits, and bytes beyond ASCII. */
const word = fc.constantFrom('link', 'Link', 'LINK', 'down', 'md0', 'md1', 'disk', 'K', 's', '17', 'größe', 'ſ', '\u212a', '-', ':', ' ', 'failed', 'fail')
const text = fc.array(word, { maxLength: 8 }).map((words) => words.join(' '))
const glued = fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => words.join(''))
const app = fc.constantFrom('kernel', 'Kernel', 'kern', 'init', 'x')
const expression = fc.constantFrom('link.*down', '(?i)LINK (down|up)', 'md\\d+', 'fail(ed)?', '^disk', 'disk +fail', '(?:link|disk) down', 'a{2}link', 'links?', '[dD]isk failed', '\\bfailed\\b', 'link\\.down', '(?i)disk', 'failed|down')

const leaf: fc.Arbitrary<Match> = fc.record({
  app: fc.option(fc.array(fc.constantFrom('kernel', 'kern*', 'init'), { minLength: 1, maxLength: 2 }).map(textSet), { nil: undefined }),
  host: fc.constant(undefined),
  facilities: fc.constant(undefined),
  severities: fc.option(fc.integer({ min: 1, max: 255 }), { nil: undefined }),
  contains: fc.array(glued.map(foldCase), { maxLength: 2 }),
  regex: fc.option(expression.map(compile), { nil: undefined }),
  not: fc.constant(undefined),
  any: fc.constant([]),
  all: fc.constant([]),
})
const match: fc.Arbitrary<Match> = fc.record({ base: leaf, not: fc.option(leaf, { nil: undefined }), any: fc.array(leaf, { maxLength: 2 }), all: fc.array(leaf, { maxLength: 2 }) }).map(({ base, ...rest }) => ({ ...base, ...rest }))

function compile(source: string) {
  const compiled = compileExpression(source)
  if ('wrong' in compiled) throw new Error(compiled.wrong)
  return compiled
}
const PLAIN = aRule('severity: info\nwhen: {match: {app: x}}')
const ruleOf = (condition: Match, index: number): Rule => ({ ...PLAIN, id: `r.n${index}`, match: condition })
const message = fc.record({ app, text, pri: fc.integer({ min: 0, max: 191 }) })

test.prop([fc.array(match, { minLength: 1, maxLength: 12 }), fc.array(message, { minLength: 1, maxLength: 12 })], { numRuns: 400 })(
  'the gate loses nothing: a gated engine finds exactly what the conditions say, on batches and on stored messages',
  (conditions, messages) => {
    const rules = conditions.map(ruleOf)
    const engine = createRulesEngine({ rules, counters: countCalls().counters })
    const batch = aBatch(messages)
    const expected = messages.flatMap((_, row) => rules.filter((rule) => holds(rule.match, lineOfRow(batch, row))).map((rule) => `${row + 1} ${rule.id}`))
    const show = (hits: readonly { seq: number; rule: string }[]) => hits.map(({ seq, rule }) => `${seq} ${rule}`)
    expect(show(engine.evaluate(batch))).toEqual(expected)
    expect(show(engine.evaluateMessages(messages.map((one, row) => stored(one, row + 1))))).toEqual(expected)
  },
)

test.prop([fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 8 }), fc.array(glued, { minLength: 1, maxLength: 6 })], { numRuns: 300 })(
  'nor on bytes that are no text',
  (texts, literals) => {
    const rules = literals.map((literal, index) => ruleOf({ ...PLAIN.match, app: undefined, contains: [foldCase(literal)] }, index))
    const glue = texts.map((bytes, index) => Buffer.concat([bytes, Buffer.from(literals[index % literals.length]!), bytes]))
    const batch = aBatch(glue.map((bytes) => ({ text: bytes })))
    const engine = createRulesEngine({ rules, counters: countCalls().counters })
    const expected = glue.flatMap((_, row) => rules.filter((rule) => holds(rule.match, lineOfRow(batch, row))).map((rule) => `${row} ${rule.id}`))
    expect(engine.evaluate(batch).map(({ seq, rule }) => `${seq - 1} ${rule}`)).toEqual(expected)
  },
)

const piece = fc.constantFrom('ab', 'Kb', 'x', '\\.', '\\d', '[a-c]', '[^]]', '(?:de|f)', '(g)', 'h?', 'i*', 'j+', 'k{2}', 'l{0,1}', '.', '\\w+', '\\[', 'mn\\*', '^', '\\b')
test.prop([fc.array(piece, { minLength: 1, maxLength: 7 }).map((pieces) => pieces.join('')), fc.array(fc.constantFrom('ab', 'AB', 'Kb', 'x', '.', '1', 'a', 'de', 'f', 'g', 'h', 'i', 'jj', 'kk', 'l', '[', 'mn*', ' '), { maxLength: 9 }).map((parts) => parts.join(''))], { numRuns: 3000 })(
  'the literal of an expression is in every text that it matches',
  (source, candidate) => {
    const literal = regexLiteral(source)
    if (literal !== '' && compile(source).test(candidate)) expect(foldCase(candidate)).toContain(literal)
  },
)

test('the literal is found where there is one', () => {
  const found = ['md/raid\\d*:(?<array>md\\d+): Disk failure on (?<disk>\\w+)', 'Kernel panic - not syncing: (?<reason>.+)', 'a|b', '(?i)disk', 'ab?cd'].map(regexLiteral)
  expect(found).toEqual([': disk failure on ', 'kernel panic - not syncing: ', '', 'di', 'cd'])
})
