import { expect, test } from 'vitest'
import { compileExpression } from '../../../../src/store/query/expression.ts'
import { toNativeExpression } from '../../../../src/store/query/native-expression.ts'
import { requiredLiteral, requiredLiterals } from '../../../../src/store/query/required-literal.ts'

test.for<readonly [pattern: string, literal: string | undefined]>([
  ['nvme[0-9]+: .* timeout', ' timeout'],
  ['link is (up|down)', 'link is '],
  ['Link (?:is )?down', 'link '],
  ['(?i)ERROR', 'error'],
  ['(?i)disk', undefined], // s and k have relatives beyond ASCII
  ['(?i)timed out', 'timed out'],
  ['a+bcd', 'bcd'],
  ['xyza+b', 'xyza'],
  ['abc?d', undefined],
  ['abc{3}d', 'abc'],
  ['(abcd)+e', 'abcd'],
  ['(abcd)*e', undefined],
  ['foo|bar', undefined],
  ['eth\\d\\.100', '.100'],
  ['foo\\bbar', 'foobar'],
  ['größe', undefined],
  ['x[ab]cd[e]f', 'cdef'],
  ['\\pL+ error', undefined],
  ['(?s)error.*', undefined],
  ['a|', undefined],
  ['', undefined],
])('every match of /%s/ holds %s', ([pattern, literal]) => {
  expect(requiredLiteral(pattern)).toBe(literal)
})

test.for<readonly [pattern: string, literals: readonly string[] | undefined]>([
  ['error|Failed', ['error', 'failed']],
  ['(error|timed? out):', ['error', 'time']],
  ['link is (up|down)', ['link is ']],
  ['error|x', undefined],
  ['(?:(?:abcd|efgh)|ijkl)+', ['abcd', 'efgh', 'ijkl']],
  ['(?:abcd|efgh)?', undefined],
  ['(aaaa|bbbb)cd(efg|hij)', ['aaaa', 'bbbb']],
  ['aaa|bbb|ccc|ddd|eee|fff|ggg|hhh|iii', undefined],
])('every match of /%s/ holds one of %s', ([pattern, literals]) => {
  expect(requiredLiterals(pattern)?.toSorted()).toEqual(literals)
})

test.for<readonly [what: string, pattern: string]>([
  ['a repetition in a repetition', 'x(a+)+b'],
  ['a repeated choice', 'x(a|a)*b'],
  ['choices that multiply', '(a|a)'.repeat(20)],
  ['many open ends', 'a.*b.*c.*d.*e'],
  ['a class of Unicode', '\\pL'],
  ['a class by name', '[[:alpha:]]'],
  ['a flag beside (?i)', '(?s)a.b'],
  ['a flag inside', 'a(?i)b'],
  ['letters beyond ASCII without case', '(?i)é'],
  ['words without case', '(?i)\\w'],
  ['a named group', '(?P<a>b)'],
  ['a quotation', '\\Qa.b\\E'],
  ['the beginning of the text', '\\Aa'],
  ['a repeated place', '(?:^)*a'],
])('V8 is not asked about %s: /%s/', ([, pattern]) => {
  expect(toNativeExpression(pattern)).toBeUndefined()
})

test.for<readonly [pattern: string, atLeast: number]>([
  ['nvme[0-9]+: timeout', 800],
  ['link is (up|down)', 65_000],
  ['.*link.*', 65_000],
  ['(?i)error', 65_000],
  ['\\w+=\\d+ .*x', 100],
])('V8 is asked about /%s/ for texts of at least %s', ([pattern, atLeast]) => {
  expect(toNativeExpression(pattern)!.maxLength).toBeGreaterThanOrEqual(atLeast)
})

test('a text that V8 would be slow with is left to RE2, and the answer is the same', () => {
  const expression = compileExpression('a+b.*c')
  if (typeof expression === 'string') throw new Error(expression)
  const long = 'a'.repeat(60_000)
  const startedMs = performance.now()
  expect([expression.test(long), expression.test(`${long}b c`)]).toEqual([false, true])
  expect(performance.now() - startedMs).toBeLessThan(2000)
})
