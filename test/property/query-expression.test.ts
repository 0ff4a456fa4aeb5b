import { fc, test } from '@fast-check/vitest'
import { RE2JS } from 're2js'
import { expect } from 'vitest'
import { toNativeExpression } from '../../src/store/query/native-expression.ts'
import { requiredLiteral, requiredLiterals } from '../../src/store/query/required-literal.ts'

/** Letters whose case, width or kind engines disagree about stand among plain ones. */
const LETTERS = ['a', 'b', 'B', 'k', 'K', 's', 'S', '\u017f', '\u212a', 'é', 'É', '😀', '\u00a0', '\u2028', '0', '9', '_', ' ', '-', '.', ':', '\n', '\r', '\t', '\u000b', '[', '/', '"']
const escaped = (letter: string): string => (/[.[\]\\^$*+?(){}|/-]/.test(letter) ? `\\${letter}` : letter)
const letter = fc.constantFrom(...LETTERS)
const text = fc.array(fc.oneof({ weight: 3, arbitrary: fc.constantFrom('a', 'b', 'k', 'ab', 'link') }, letter), { maxLength: 12 }).map((parts) => parts.join(''))

const classItem = fc.oneof(letter.map(escaped), fc.constantFrom('a-c', 'A-S', '0-9', 'k-s', ' -~', '\\d', '\\D', '\\s', '\\S', '\\w', '\\W', '\\n', '\\t'))
const atom = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('a', 'b', 'k', 'ab', 'link', 's') },
  { weight: 2, arbitrary: letter.map(escaped) },
  { weight: 2, arbitrary: fc.constantFrom('.', '\\d', '\\D', '\\s', '\\S', '\\w', '\\W', '\\b', '\\B', '^', '$', '\\v', '\\f') },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom('', '^'), fc.array(classItem, { minLength: 1, maxLength: 3 }), fc.constantFrom('', '-')).map(([not, items, end]) => `[${not}${items.join('')}${end}]`) },
)
const { pattern } = fc.letrec<{ pattern: string; part: string }>((tie) => ({
  pattern: fc.oneof({ weight: 3, arbitrary: fc.array(tie('part'), { maxLength: 5 }).map((parts) => parts.join('')) }, { weight: 1, arbitrary: fc.tuple(tie('pattern'), tie('pattern')).map(([a, b]) => `${a}|${b}`) }),
  part: fc.oneof(
    { depthSize: 'small', maxDepth: 3 },
    atom,
    fc.tuple(atom, fc.constantFrom('*', '+', '?', '{2}', '{1,3}', '{0,}', '*?', '+?')).map(([part, sign]) => part + sign),
    fc.tuple(fc.constantFrom('(', '(?:'), tie('pattern'), fc.constantFrom(')', ')', ')?', ')+', '){1,2}')).map((parts) => parts.join('')),
  ),
}))
const anyPattern = fc.tuple(fc.constantFrom('', '', '(?i)'), pattern).map((parts) => parts.join(''))

function compiled(source: string): RE2JS | undefined {
  try {
    return RE2JS.compile(source)
  } catch {
    return undefined
  }
}

const asciiLower = (text: string): string => text.replace(/[A-Z]/g, (c) => c.toLowerCase())

let tried = 0
test.prop([anyPattern, fc.array(text, { minLength: 1, maxLength: 8 })], { numRuns: 4000 })('V8 is asked only where it says what RE2 says', (source, texts) => {
  const [expected, native] = [compiled(source), toNativeExpression(source)]
  if (expected === undefined || native === undefined) return
  tried++
  for (const tested of texts) expect([tested, native.regexp.test(tested)]).toEqual([tested, expected.test(tested)])
})
test('the patterns above do reach V8', () => {
  expect(tried).toBeGreaterThan(1000)
})

test.prop([anyPattern, fc.array(text, { minLength: 1, maxLength: 8 })], { numRuns: 4000 })('a required literal is in every text that matches', (source, texts) => {
  const [expected, literal] = [compiled(source), requiredLiteral(source)]
  if (expected === undefined || literal === undefined) return
  for (const tested of texts) if (expected.test(tested)) expect(asciiLower(tested)).toContain(literal)
})

test.prop([anyPattern, fc.array(text, { minLength: 1, maxLength: 8 })], { numRuns: 4000 })('one of the required literals is in every text that matches', (source, texts) => {
  const [expected, literals] = [compiled(source), requiredLiterals(source)]
  if (expected === undefined || literals === undefined) return
  for (const tested of texts) if (expected.test(tested)) expect(literals.filter((literal) => asciiLower(tested).includes(literal))).not.toEqual([])
})

test('every code point of the first plane has one case in both engines', () => {
  const letters = Array.from({ length: 0xd800 }, (_, code) => String.fromCharCode(code))
  for (const source of ['(?i)k', '(?i)[r-t]', '(?i)[^a-z]', '(?i)\\S', '\\w', '\\W', '\\s', '\\D', '.', '[^é]']) {
    const [expected, native] = [compiled(source)!, toNativeExpression(source)!]
    expect([source, letters.filter((c) => native.regexp.test(c) !== expected.test(c))]).toEqual([source, []])
  }
})
