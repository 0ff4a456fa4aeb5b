import { fc, test } from '@fast-check/vitest'
import { expect, test as plain } from 'vitest'
import { compileExpression } from '#triggers/match/expression.ts'
import { foldCase, holds, textSet } from '#triggers/match/condition.ts'
import { regexLiterals } from '#triggers/match/regex-literals.ts'
import { lineOfRow } from '#triggers/match/line.ts'
import type { Match, Rule } from '#triggers/rules/rule.ts'
import { aBatch, aRule, findingsIn, stored } from '../unit/triggers/support.ts'

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
  fields: fc.constant([]),
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
const ruleOf = (condition: Match, index: number): Rule => ({ ...PLAIN, id: `r.n${index}`, when: { kind: 'match', on: { kind: 'line', match: condition } } })
const matchOf = ({ when }: Rule): Match => (when.kind === 'match' && when.on.kind === 'line' ? when.on.match : expect.unreachable())
const message = fc.record({ app, text, pri: fc.integer({ min: 0, max: 191 }) })

test.prop([fc.array(match, { minLength: 1, maxLength: 12 }), fc.array(message, { minLength: 1, maxLength: 12 })], { numRuns: 400 })(
  'the gate loses nothing: a gated engine finds exactly what the conditions say, on batches and on stored messages',
  (conditions, messages) => {
    const rules = conditions.map(ruleOf)
    const engine = findingsIn(rules)
    const batch = aBatch(messages)
    const expected = messages.flatMap((_, row) => rules.filter((rule) => holds(matchOf(rule), lineOfRow(batch, row))).map((rule) => `${row + 1} ${rule.id}`))
    const show = (hits: readonly { seq: number; rule: string }[]) => hits.map(({ seq, rule }) => `${seq} ${rule}`)
    expect(show(engine.inBatch(batch))).toEqual(expected)
    expect(show(engine.inStored(messages.map((one, row) => stored(one, row + 1))))).toEqual(expected)
  },
)

test.prop([fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 8 }), fc.array(glued, { minLength: 1, maxLength: 6 })], { numRuns: 300 })(
  'nor on bytes that are no text',
  (texts, literals) => {
    const rules = literals.map((literal, index) => ruleOf({ ...matchOf(PLAIN), app: undefined, contains: [foldCase(literal)] }, index))
    const glue = texts.map((bytes, index) => Buffer.concat([bytes, Buffer.from(literals[index % literals.length]!), bytes]))
    const batch = aBatch(glue.map((bytes) => ({ text: bytes })))
    const engine = findingsIn(rules)
    const expected = glue.flatMap((_, row) => rules.filter((rule) => holds(matchOf(rule), lineOfRow(batch, row))).map((rule) => `${row} ${rule.id}`))
    expect(engine.inBatch(batch).map(({ seq, rule }) => `${seq - 1} ${rule}`)).toEqual(expected)
  },
)

const piece = fc.constantFrom(
  'abcd', 'Kbcd', 'xxxx', '\\.', '\\d', '[a-c]', '[^]]', '(?:dede|ffff)', '(?:dede|f)', '(gggg)', '(?<n>abcd|h(?:iiii|jjjj))?', '(abcd)+', '(xxxx){0,1}', '|', 'h?', 'i*', 'j+', 'k{2}', 'l{0,1}', '.', '\\w+',
  '\\[', 'mnmn\\*', '^', '\\b', '(?i)', '(?i:abcd)',
)
const part = fc.constantFrom('abcd', 'ABCD', 'Kbcd', 'xxxx', '.', '1', 'a', 'dede', 'ffff', 'f', 'gggg', 'h', 'iiii', 'hjjjj', 'jj', 'kk', 'l', '[', 'mnmn*', ' ')
test.prop([fc.array(piece, { minLength: 1, maxLength: 7 }).map((pieces) => pieces.join('')), fc.array(part, { maxLength: 9 }).map((parts) => parts.join(''))], { numRuns: 5000 })(
  'one of the literals of an expression is in every text that it matches',
  (source, candidate) => {
    const literals = regexLiterals(source)
    const expression = compileExpression(source)
    if (literals === undefined || 'wrong' in expression || !expression.test(candidate)) return
    expect(literals.some((literal) => foldCase(candidate).includes(literal))).toBe(true)
  },
)

plain.for([
  ['md/raid\\d*:(?<array>md\\d+): Disk failure on (?<disk>\\w+)', [': disk failure on ']],
  ['Kernel panic - not syncing: (?<reason>.+)', ['kernel panic - not syncing: ']],
  ['(?:^|\\] )(?:Installation complete|installer done\\b)', ['installation complete', 'installer done']],
  ['(?:alpha (?:beta|gamma)|delta)', ['alpha ', 'delta']],
  ['(?<a>one more|two more)+', ['one more', 'two more']],
  ['long enough|no', undefined],
  ['(?:optional part)?', undefined],
  ['(?i)disk', undefined],
  ['abcd?efgh', ['efgh']],
  ['(unbalanced', undefined],
  ['[unbalanced', undefined],
] as const)('the literals of %s are %j', ([source, literals]) => {
  expect(regexLiterals(source)).toEqual(literals)
})
