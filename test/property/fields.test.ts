import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import { readKeyValues, takeKeyValues } from '#domain/fields/key-value.ts'
import { messageFields, readValues, type Said } from '#domain/fields/message-fields.ts'
import { parseParamName, printParamName, type ParamName, type ResolvedQuery } from '#store/index.ts'
import { compileMatcher } from '../../src/store/log/read/matcher.ts'
import { batchOf } from '../support/store/batches.ts'

const PIECES = [
  'a', 'b=1', 'src=10.0.0.1', 'msg="x y"', "msg='op=login", 'acct="root"\'', '(uid=0)', ',', ';', '=', '|', '\\', '\\=', '\\|', ' ', '\t', '^', 'CEF:0|V|P|1|100|Name|5|', 'CEF: 0|', '0|V|P|1|e|n|5|k=v',
  'LEEF:2.0|V|P|1|7|^|', 'LEEF:1.0|V|P|1|7|', 'LEEF:2.0|V|P|1|7|x5E|', '{"a":1,"b":{"c":[1,"x"]}}', '{', '}', '"', '[', ']', '@cee: ', 'Severity: Informational', ', MessageID: USR0032', '[s=a1b2c3 f=x] ', 'message repeated 3 times: [ ',
  '[vm] [INFO] [main] (cli) ', '[ERROR] ', 'Step 1/6: ', 'Init [2/16]: Starting n_x', '5254009c4c24', '7 DHCPACK(eth0) 10.0.0.9 52:54:00:9c:4c:24 tch', '__proto__=1', '{"__proto__":{"x":1}}', 'ä=ö', '\u0000', '\n',
]
const APPS = ['', 'hps', 'hps-init', 'dnsmasq-dhcp', 'dhcpd', '%LINK-3-UPDOWN', 'CEF', 'sshd']
const text = fc.oneof(fc.array(fc.constantFrom(...PIECES), { maxLength: 10 }).map((parts) => parts.join('')), fc.string({ maxLength: 60, unit: 'grapheme' }), fc.json({ maxDepth: 4 }))
const said: fc.Arbitrary<Said> = fc.record({
  app: fc.constantFrom(...APPS),
  procid: fc.constantFrom('', '77', 'n_init_run'),
  structuredData: fc.oneof(fc.constantFrom('', '[a b="c" b="d\\]"][x@1 n="7"]', ' SUBSYSTEM=acpi\n DEVICE=+acpi:1', '[a b="c'), fc.string({ maxLength: 30 })),
  text,
})

test.prop([said], { numRuns: 2000 })('what is shown of a message is within its bounds, and is found by its name', (message) => {
  const { fields } = messageFields(message)
  expect(fields.length).toBeLessThanOrEqual(128)
  const batch = batchOf([{ app: message.app, procid: message.procid, sd: message.structuredData, text: message.text }])
  for (const { kind, name, value } of fields) {
    const param = paramOf(kind, name)
    // what stands twice under one path of a JSON text, once with a dot in its key, is found as the longer key says
    const isAmbiguous = kind === 'json' && !readValues(message, name).includes(value)
    if (param === undefined || isAmbiguous) continue
    const query: ResolvedQuery = { kind: 'param', ...param, comparison: '=', value }
    expect(compileMatcher(query)(batch, 0), `${kind} ${printParamName(param)}:${value}`).toBe(true)
  }
})

const pairs = fc.array(fc.constantFrom('a=', 'b=', 'aa=', '"', '\\', 'x', ' ', ',', ';', '(', ')', "'", '=', 'a', '\u00a0', '\n', 'é='), { maxLength: 24 }).map((parts) => parts.join(''))
test.prop([pairs], { numRuns: 3000 })('one name of name=value is read as all of them are', (line) => {
  const all: { name: string; value: string }[] = []
  takeKeyValues(line, (field) => all.push(field) > 0)
  for (const wanted of ['a', 'b', 'aa', 'é', 'xa']) expect(readKeyValues(line, wanted), wanted).toEqual(all.filter(({ name }) => name === wanted).map(({ value }) => value))
})

/** Undefined where the query has no way to write the name. */
function paramOf(kind: string, name: string): ParamName | undefined {
  if (kind !== 'structured-data' && kind !== 'kmsg') return name.includes('"') ? undefined : parseParamName(printParamName({ place: 'body', name }))
  const dot = kind === 'kmsg' ? -1 : name.lastIndexOf('.')
  return { place: 'sd', name: name.slice(dot + 1), ...(dot < 0 ? {} : { sdId: name.slice(0, dot) }) }
}

test.prop([fc.uniqueArray(fc.tuple(fc.stringMatching(/^[a-zA-Z]\w{0,8}$/), fc.stringMatching(/^[ -~]{0,12}$/)), { selector: ([name]) => name, minLength: 1, maxLength: 6 }), fc.array(fc.stringMatching(/^[ -~]{0,10}$/), { minLength: 6, maxLength: 6 })], { numRuns: 500 })(
  'what the rules of CEF write is read from it',
  (pairs, header) => {
    const escaped = (value: string): string => value.replace(/[\\|]/g, '\\$&')
    const values = pairs.map(([name, value]) => [name, value.trimEnd()] as const)
    // a value that holds a blank and a key with its sign escaped is one value; a blank at the end belongs to nobody
    const extension = values.map(([name, value]) => `${name}=${value.replace(/[\\=]/g, '\\$&')}`).join(' ')
    const { fields } = messageFields({ app: '', procid: '', structuredData: '', text: `CEF:0|${header.slice(0, 5).map(escaped).join('|')}|7|${extension}` })
    expect(fields.slice(0, 7).map(({ value }) => value)).toEqual(['0', ...header.slice(0, 5), '7'])
    expect(fields.slice(7).map(({ name, value }) => [name, value])).toEqual(values)
  },
)

const HOSTILE: readonly (readonly [string, (length: number) => string])[] = [
  ['brackets and names', (length) => '(a='.repeat(length / 3)],
  ['quotes that never end', (length) => 'a="'.repeat(length / 3)],
  ['backslashes', (length) => `a="${'\\'.repeat(length)}`],
  ['a long name', (length) => 'a'.repeat(length)],
  ['nested JSON', (length) => `{"a":${'['.repeat(length)}`],
  ['CEF without values', (length) => `CEF:0|${'|a=='.repeat(length / 4)}`],
  ['capitals with commas', (length) => `A: ${', A a a'.repeat(length / 7)}`],
  ['a repetition of repetitions', (length) => `Last message '${"' repeated 3".repeat(length / 12)}`],
  ['groups', (length) => '[a] '.repeat(length / 4)],
  ['digits', (length) => `${'1.1.1.'.repeat(length / 6)}`],
  ['structured data', (length) => `${'[a b="'.repeat(length / 6)}`],
]

test.prop([fc.constantFrom(...HOSTILE)], { numRuns: HOSTILE.length * 2 })('a long hostile text takes time in proportion to its length', ([, make]) => {
  const spentMs = (length: number): number => {
    const hostile = make(length)
    const start = process.cpuUsage()
    messageFields({ app: 'hps', procid: 'n_x', structuredData: hostile, text: hostile })
    readValues({ app: 'hps', procid: 'n_x', text: hostile }, 'a')
    const { user } = process.cpuUsage(start)
    return user / 1000
  }
  /** Collectors and compilers count too: the best of some is what the readers need. */
  const bestMs = (length: number): number => Math.min(...[1, 2, 3].map(() => spentMs(length)))
  spentMs(4096)
  // four times the length: sixteen times the work would be quadratic
  expect(bestMs(64_000)).toBeLessThan(8 * bestMs(16_000) + 20)
})
