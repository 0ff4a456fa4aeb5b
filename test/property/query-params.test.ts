import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import { parseParamName, printParamName, readParam } from '#store/index.ts'
import { batchOf } from '../support/store/batches.ts'

const value = fc.oneof(fc.string({ maxLength: 12, unit: 'grapheme' }), fc.array(fc.constantFrom('"', '\\', ']', '[', ' ', '=', 'a', 'ä', ','), { maxLength: 6 }).map((parts) => parts.join('')))
const name = fc.constantFrom('ip', 'a', 'x-y', '_n', 'A')

test.prop([fc.array(fc.tuple(fc.constantFrom('origin', 'x@1', 'a.b'), fc.array(fc.tuple(name, value), { maxLength: 3 })), { minLength: 1, maxLength: 3 }), name, fc.constantFrom(undefined, 'origin', 'x@1')], { numRuns: 500 })(
  'what RFC 5424 writes into structured data is read from it',
  (elements, wanted, sdId) => {
    const sd = elements.map(([id, params]) => `[${id}${params.map(([key, text]) => ` ${key}="${text.replace(/["\\\]]/g, '\\$&')}"`).join('')}]`).join('')
    const first = elements.filter(([id]) => sdId === undefined || id === sdId).flatMap(([, params]) => params).find(([key]) => key === wanted)?.[1]
    expect(readParam(batchOf([{ sd }]), 0, { place: 'sd', name: wanted, sdId })).toBe(first)
  },
)

const key = fc.constantFrom('a', 'b', 'c', 'long name', 'ä', '"x"', '7')
test.prop([fc.dictionary(key, fc.letrec((tie) => ({ node: fc.oneof({ maxDepth: 2 }, value, fc.integer(), fc.boolean(), fc.constant(null), fc.dictionary(key, tie('node'), { maxKeys: 3 }), fc.array(tie('node'), { maxLength: 3 })) })).node, { maxKeys: 4 }), fc.array(fc.oneof(key, fc.constantFrom('0', '1')), { minLength: 1, maxLength: 3 }), fc.constantFrom('', '@cee: ', ' ', '[s=a1b2c3] ')], { numRuns: 500 })(
  'what JSON writes is read by its path',
  (object, path, before) => {
    let found: unknown = object
    for (const step of path) found = typeof found === 'object' && found !== null && Object.hasOwn(found, step) ? (found as Record<string, unknown>)[step] : undefined
    const expected = typeof found === 'string' ? found : JSON.stringify(found)
    // a name that is in no path may still be in a quoted text as logfmt: these have none
    const text = before + JSON.stringify(object)
    fc.pre(!text.includes('='))
    expect(readParam(batchOf([{ text }]), 0, { place: 'body', name: path.join('.') })).toBe(expected)
  },
)

test.prop([fc.uniqueArray(fc.tuple(fc.constantFrom('a', 'b.c', 'd-e', '_f'), value), { selector: ([is]) => is, minLength: 1, maxLength: 4 })], { numRuns: 500 })('what logfmt writes is read from it', (pairs) => {
  const quoted = pairs.map(([is, text]) => `${is}="${text.replace(/["\\]/g, '\\$&')}"`).join(' ')
  const [wanted, expected] = pairs[0]
  expect(readParam(batchOf([{ text: quoted }]), 0, { place: 'body', name: wanted })).toBe(expected)
})

const SHAPES = ['{', '}', '"', ':', 'a', '=', '[', ']', ' ', '\\', 'ip', ',', '@cee:', '1', '\u00ff']
test.prop([fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.array(fc.constantFrom(...SHAPES), { maxLength: 20 }).map((parts) => parts.join(''))), fc.constantFrom('.a', '.a.ip', 'sd.ip', 'sd.a.ip', '.1')], { numRuns: 1000 })(
  'any bytes are read without a fault, and a name is printed as it is read',
  (bytes, text) => {
    const param = parseParamName(text)!
    const batch = batchOf([{ sd: typeof bytes === 'string' ? bytes : '', text: bytes }])
    const found = readParam(batch, 0, param)
    expect(found === undefined || typeof found === 'string').toBe(true)
    expect(printParamName(param)).toBe(text)
  },
)
