import { readFileSync } from 'node:fs'
import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import { readYaml } from '#config/index.ts'
import { createRenderer } from '#render/index.ts'
import { readRules } from '#triggers/index.ts'

const read = readYaml('examples.yaml', readFileSync(new URL('./examples.yaml', import.meta.url), 'utf8'))
if (!read.ok) throw new Error('the examples cannot be read')
const EXAMPLES = read.value
const renderer = createRenderer()

type Path = readonly (string | number)[]
const paths = (value: unknown, path: Path = []): readonly Path[] =>
  typeof value === 'object' && value !== null ? [path, ...Object.entries(value).flatMap(([key, item]) => paths(item, [...path, Array.isArray(value) ? Number(key) : key]))] : [path]
/** A copy with something else at a place; undefined takes it away. */
function replaced(value: unknown, [step, ...rest]: Path, by: unknown): unknown {
  if (step === undefined) return by
  if (Array.isArray(value)) return value.flatMap((item: unknown, index) => (index !== step ? [item] : rest.length === 0 && by === undefined ? [] : [replaced(item, rest, by)]))
  return Object.fromEntries(Object.entries(value as object).flatMap(([key, item]) => (key !== step ? [[key, item as unknown]] : rest.length === 0 && by === undefined ? [] : [[key, replaced(item, rest, by)]])))
}

const PLACES = paths(EXAMPLES)
const odd = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, '', ' ', 0, -1, 1.5, 1e21, true, [], {}, [[]], [{}], [null], '$x', '$$x', '$x + 1m', '{{', '{{x}}', '(?<x>', '(?<node>.)', '*', '1ms', '99999d', 'kernel', 'session', 'a.b', '__proto__', 'constructor', '\u0000', '\ud800', 'x'.repeat(10_000)),
  fc.constantFrom<unknown>({ __proto__: null, constructor: 'x' }, { match: {} }, { event: 'session' }, { event: { event: 'stage', to: [] } }, { not: { not: { not: { app: 'x' } } } }, { expect: {} }, { advance: '1m', expect: {} }),
  fc.jsonValue({ maxDepth: 3 }),
)

test.prop([fc.array(fc.tuple(fc.constantFrom(...PLACES), odd), { minLength: 1, maxLength: 3 }), fc.boolean()], { numRuns: 150 })('whatever stands in a rule file, it is read or refused with a place in it', (edits, isLocal) => {
  const value = edits.reduce<unknown>((at, [path, by]) => (valueAt(at, path) === undefined ? at : replaced(at, path, by)), EXAMPLES)
  const text = JSON.stringify(value) ?? ''
  const loaded = readRules([{ name: 'x.yaml', text, isLocal }], { renderer })
  if (!loaded.ok) for (const fault of loaded.faults) expect(fault).toMatchObject({ file: 'x.yaml', line: expect.any(Number) as number, column: expect.any(Number) as number, message: expect.stringMatching(/./s) as string })
})

test.prop([fc.constantFrom(...PLACES.filter((path) => path[0] === 'rules' && path.length > 2)), odd], { numRuns: 100 })('whatever an override says, it is joined or refused', (path, by) => {
  const rules = (EXAMPLES as { readonly rules: readonly { readonly id: string }[] }).rules
  const override = path.slice(2).reduceRight<unknown>((inner, step) => ({ [step]: inner }), by ?? null)
  const loaded = readRules([{ name: 'x.yaml', text: JSON.stringify(EXAMPLES) }, { name: 'y.yaml', text: JSON.stringify({ format: 1, overrides: { [rules[Number(path[1])]!.id]: override } }), isLocal: true }], { renderer })
  if (!loaded.ok) for (const { file, line, column } of loaded.faults) expect([['x.yaml', 'y.yaml'].includes(file), line >= 1, column >= 1]).toEqual([true, true, true])
})

/** Texts of the examples, and where they stand: each may stand for another one, so that the shape is right and the meaning is not. */
const TEXTS = PLACES.filter((path) => typeof valueAt(EXAMPLES, path) === 'string')
test.prop([fc.array(fc.tuple(fc.constantFrom(...TEXTS), fc.constantFrom(...TEXTS)), { minLength: 1, maxLength: 2 })], { numRuns: 200 })('a text in the place of another one is read or refused', (edits) => {
  const value = edits.reduce<unknown>((at, [path, from]) => replaced(at, path, valueAt(EXAMPLES, from)), EXAMPLES)
  const loaded = readRules([{ name: 'x.yaml', text: JSON.stringify(value) }], { renderer })
  if (!loaded.ok) for (const { file, line, column } of loaded.faults) expect([file, line >= 1, column >= 1]).toEqual(['x.yaml', true, true])
})

function valueAt(value: unknown, path: Path): unknown {
  let at = value
  for (const step of path) at = typeof at === 'object' && at !== null ? (at as Record<string | number, unknown>)[step] : undefined
  return at
}
