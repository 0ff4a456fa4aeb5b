import { readFileSync } from 'node:fs'
import { fc, test as propertyTest } from '@fast-check/vitest'
import { expect, test } from 'vitest'
import { FORMATS, IDENTITY_METHODS, PARSE_FAULTS } from '#domain/message.ts'
import { broaderQuery, parseParamName, parseQuery, printParamName, printQuery, type ParamName, type Query } from '#store/index.ts'
import { MAX_BOOT_SESSIONS } from '../../../../src/app/resolve.ts'
import { QUERY_FIELDS } from '../../../../src/store/query/fields.ts'
import { MAX_NAME_LENGTH } from '#domain/fields/field.ts'
import { MAX_QUERY_LENGTH, MAX_QUERY_NESTING, MAX_QUERY_TERMS } from '../../../../src/store/query/parse.ts'

const nowMs = Date.UTC(2026, 10, 22, 12)
const page = readFileSync(new URL('../../../../docs/reference/query.md', import.meta.url), 'utf8')

/** Rows of the table under a heading, cells without their backquotes. */
function tableOf(heading: string): string[][] {
  const section = page.split(`\n## ${heading}\n`)[1].split('\n## ')[0]
  const rows = section.split('\n').filter((line) => line.startsWith('| ')).slice(2)
  return rows.map((row) => row.slice(2, -2).split(' | ').map((cell) => cell.replace(/^`([^]*)`$/, '$1')))
}
function tree(text: string): Query {
  const parsed = parseQuery(text, { nowMs })
  if (!parsed.ok) throw new Error(`${text}: ${JSON.stringify(parsed.faults)}`)
  return parsed.value
}
function faults(text: string): string[] {
  const parsed = parseQuery(text, { nowMs })
  return parsed.ok ? [] : parsed.faults.map(({ column, message, hint }) => `${column}: ${message}${hint === undefined ? '' : ` (${hint})`}`)
}

test('the page has examples and faults', () => {
  expect([tableOf('Examples').length, tableOf('Faults').length].every((count) => count > 10)).toBe(true)
})
test.for(tableOf('Examples'))('documented: %s is printed as %s, and that parses to the same tree', ([query, canonical]) => {
  expect(printQuery(tree(query))).toBe(canonical)
  expect(tree(canonical)).toEqual(tree(query))
})
test.for(tableOf('Faults'))('documented: %s is refused with %s', ([query, fault]) => {
  expect(faults(query).join('; ')).toBe(fault)
})
test('every field is documented, and no other', () => {
  const documented = tableOf('Terms').flatMap(([term]) => [...term.matchAll(/(?<![a-z.])([a-z]+):(?=`|$| )/g)].map((match) => match[1]))
  expect(documented.sort()).toEqual([...QUERY_FIELDS].sort())
})
test('the documented bounds are the real ones', () => {
  expect(page).toContain(`at most ${MAX_QUERY_LENGTH} characters, ${MAX_QUERY_TERMS} terms (each value of a list is one), parentheses, minuses and nots ${MAX_QUERY_NESTING} deep`)
  expect(page).toContain(`names of parameters of ${MAX_NAME_LENGTH} characters`)
  expect(page).toContain(`for more than ${MAX_BOOT_SESSIONS.toLocaleString('en')} sessions the query is refused`)
})
test.for([['format', FORMATS], ['fault', PARSE_FAULTS], ['method', IDENTITY_METHODS]] as const)('the words of %s: are documented, and no other', ([field, words]) => {
  const cell = tableOf('Terms').find(([term]) => term === `${field}:`)![1]
  expect([...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1])).toEqual(words)
})

test.for<{ readonly text: string; readonly tree: Query }>([
  { text: '', tree: { kind: 'all' } },
  { text: '--a', tree: { kind: 'not', term: { kind: 'not', term: { kind: 'text', text: 'a' } } } },
  { text: 'a (b c) d', tree: { kind: 'and', terms: ['a', 'b', 'c', 'd'].map((text) => ({ kind: 'text', text })) } },
  { text: 'a"b"c', tree: { kind: 'and', terms: ['a', 'b', 'c'].map((text) => ({ kind: 'text', text })) } },
  { text: '"a\\"b\\\\c\\d"', tree: { kind: 'text', text: 'a"b\\c\\d' } },
  { text: '/a\\/b\\d/', tree: { kind: 'regex', pattern: 'a/b\\d' } },
  { text: 'link*', tree: { kind: 'text', text: 'link', open: 'end' } },
  { text: '*"link is"', tree: { kind: 'text', text: 'link is', open: 'start' } },
  { text: '*-x*', tree: { kind: 'text', text: '-x', open: 'both' } },
  { text: '"a"*b', tree: { kind: 'and', terms: [{ kind: 'text', text: 'a' }, { kind: 'text', text: 'b', open: 'start' }] } },
  { text: '** ', tree: { kind: 'all' } },
  { text: 'or* *and', tree: { kind: 'and', terms: [{ kind: 'text', text: 'or', open: 'end' }, { kind: 'text', text: 'and', open: 'start' }] } },
  { text: 'not a b or -not c', tree: { kind: 'or', terms: [{ kind: 'and', terms: [{ kind: 'not', term: { kind: 'text', text: 'a' } }, { kind: 'text', text: 'b' }] }, { kind: 'not', term: { kind: 'not', term: { kind: 'text', text: 'c' } } }] } },
  { text: 'app:"my app"*', tree: { kind: 'field', field: 'app', value: 'my app*' } },
  { text: 'procid:>9', tree: { kind: 'procid', comparison: '>', value: 9 } },
  { text: 'procid:">9"', tree: { kind: 'field', field: 'procid', value: '>9' } },
  { text: 'since:boot', tree: { kind: 'boot-time', fromMs: 0, untilMs: undefined } },
  { text: '.a.b:=x*', tree: { kind: 'param', place: 'body', name: 'a.b', comparison: '=', value: 'x*' } },
  { text: '.a:""', tree: { kind: 'param', place: 'body', name: 'a', comparison: '=', value: '' } },
  { text: '.a:*', tree: { kind: 'param', place: 'body', name: 'a', comparison: '=', value: '', open: 'end' } },
  { text: 'sd.x.y.z:1', tree: { kind: 'param', place: 'sd', name: 'z', sdId: 'x.y', comparison: '=', value: '1' } },
  { text: '.a sd.b ..c:d', tree: { kind: 'and', terms: ['.a', 'sd.b', '..c:d'].map((text) => ({ kind: 'text', text })) } },
  { text: 'severity:>=3', tree: { kind: 'severity', comparison: '>=', code: 3 } },
  { text: 'facility:local7', tree: { kind: 'facility', code: 23 } },
  { text: 'seq:<=9', tree: { kind: 'seq', comparison: '<=', value: 9 } },
  { text: 'since:2h until:now since:1h', tree: { kind: 'time', fromMs: nowMs - 3_600_000, untilMs: nowMs } },
  { text: '-(since:1h until:now)', tree: { kind: 'not', term: { kind: 'time', fromMs: nowMs - 3_600_000, untilMs: nowMs } } },
])('$text is read as it is meant', ({ text, tree: expected }) => {
  expect(tree(text)).toEqual(expected)
})

test.for([
  ['/(/', 'missing closing'],
  ['/a(?=b)/', 'invalid'],
  ['""', '1: nothing is between the quotes'],
  ['//', '1: the expression is empty'],
  ['-', '1: a minus must stand right before'],
  ['-)', '1: a minus must stand right before'],
  ['()', '2: something to look for is missing'],
  ['or a', '1: something to look for is missing'],
  ['seq:1.5', '5: “1.5” is no sequence number'],
  ['seq:99999999999999999', '5: '],
  ['since:2026-02-30', '7: “2026-02-30” is no time'],
  ['since:99999999999d', '7: '],
  ['not', '4: something to look for is missing'],
  ['a and and b', '7: something to look for is missing'],
  ['a and or b', '7: something to look for is missing'],
  ['*""', '1: nothing is between the quotes'],
  ['***', '2: a star may stand at the ends'],
  ['.a:=', '4: nothing follows the sign'],
  [`.${'a'.repeat(201)}:x`, '1: a name may have 200 characters'],
  ['constructor:x', '1: there is no field “constructor”'],
])('%s is refused: %s', ([text, fault]) => {
  expect(faults(text)[0]).toContain(fault)
})
test.for([
  ['too long', 'a'.repeat(MAX_QUERY_LENGTH + 1)],
  ['too many words', 'a '.repeat(MAX_QUERY_TERMS + 1)],
  ['too long a list', `node:${'a,'.repeat(MAX_QUERY_TERMS)}a`],
  ['too deep', `${'('.repeat(MAX_QUERY_NESTING + 1)}a${')'.repeat(MAX_QUERY_NESTING + 1)}`],
  ['too many nots', `${'not '.repeat(MAX_QUERY_NESTING + 1)}a`],
  ['too many minuses', `${'-'.repeat(MAX_QUERY_NESTING + 1)}a`],
])('a query that is %s is refused', ([, text]) => {
  expect(faults(text)).toHaveLength(1)
})
test('a query right at its bounds is taken', () => {
  expect(faults('a '.repeat(MAX_QUERY_TERMS))).toEqual([])
  expect(faults(`${'('.repeat(MAX_QUERY_NESTING)}a${')'.repeat(MAX_QUERY_NESTING)}`)).toEqual([])
})

propertyTest.prop([fc.oneof(fc.string({ maxLength: 60 }), fc.array(fc.constantFrom('a', 'or', '-', '(', ')', '"', '/', 'node:', 'since:', '1h', ',', ' ', '\\', '\u00a0', 'severity:<=', 'err', '*', '\n', 'Äö', 'and', 'not', '.b', 'sd.', '=', '.', '<', '5', '..', 'boot+', 'fault:'), { maxLength: 14 }).map((parts) => parts.join('')))], { numRuns: 3000 })(
  'any text is read or refused with a place in it; what is read is printed, and read again as the same tree',
  (text) => {
    const parsed = parseQuery(text, { nowMs })
    if (parsed.ok) {
      const printed = printQuery(parsed.value)
      expect(tree(printed)).toEqual(parsed.value)
      expect(printQuery(tree(printed))).toBe(printed)
    } else {
      for (const { column } of parsed.faults) expect(column >= 1 && column <= text.length + 1).toBe(true)
    }
  },
)

test.for<readonly [string, ParamName | undefined]>([
  ['.a.b', { place: 'body', name: 'a.b' }],
  ['sd.ip', { place: 'sd', name: 'ip' }],
  ['sd.origin.ip', { place: 'sd', name: 'ip', sdId: 'origin' }],
  ['sd."a b"', { place: 'sd', name: 'a b' }],
  ['app', undefined],
  ['.', undefined],
  ['sd.', undefined],
  ['.a.', undefined],
  ['.a b', undefined],
])('the name %s of a parameter is read', ([text, name]) => {
  expect(parseParamName(text)).toEqual(name)
  if (name !== undefined) expect(printParamName(name)).toBe(text)
})

test.for([
  ['nvme', '*nvme*'],
  ['nvme* -cron app:x', '*nvme* -cron app:x'],
  ['(a or /b/) "c d"', '(*a* or /b/) "c d"'],
  ['"link down"', undefined],
  ['*a* app:x', undefined],
  ['*', undefined],
])('%s finds more as %s', ([text, broader]) => {
  const found = broaderQuery(tree(text!))
  expect(found && printQuery(found)).toBe(broader)
})
