import { expect, test } from 'vitest'
import { compileExpression, type Expression } from '../../../src/triggers/match/expression.ts'
import { createSharing } from '../../../src/triggers/match/shared.ts'
import type { Match } from '../../../src/triggers/rules/rule.ts'

const EMPTY: Match = { app: undefined, host: undefined, facilities: undefined, severities: undefined, contains: [], fields: [], regex: undefined, not: undefined, any: [], all: [] }
let asked = 0
function counted(source: string): Expression {
  const compiled = compileExpression(source)
  if ('wrong' in compiled) throw new Error(compiled.wrong)
  return { ...compiled, test: (text) => (asked++, compiled.test(text)), captures: (text) => (asked++, compiled.captures(text)) }
}

test('expressions of one source are asked once about a text, wherever they stand', () => {
  const share = createSharing()
  const one = share({ ...EMPTY, regex: counted('failed for (?<user>\\w+)') })
  const two = share({ ...EMPTY, any: [{ ...EMPTY, regex: counted('failed for (?<user>\\w+)') }], not: { ...EMPTY, regex: counted('never') } })
  asked = 0
  const text = 'login failed for admin'
  expect([one.regex!.test(text), two.any[0]!.regex!.test(text), two.not!.regex!.test(text)]).toEqual([true, true, false])
  expect([one.regex!.captures(text), two.any[0]!.regex!.captures(text)]).toEqual([{ user: 'admin' }, { user: 'admin' }])
  expect(asked).toBe(3)
})

test('the next text is asked anew, and one before it is not remembered', () => {
  const { regex } = createSharing()({ ...EMPTY, regex: counted('(?<n>\\d)') })
  expect(['a1', 'b', 'a1'].map((text) => regex!.test(text))).toEqual([true, false, true])
  expect(regex!.captures('a2')).toEqual({ n: '2' })
  expect(regex!.captures('a1')).toEqual({ n: '1' })
  expect(regex!.test('b')).toBe(false)
  expect(regex!.captures('a3')).toEqual({ n: '3' })
})
