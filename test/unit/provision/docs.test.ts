import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { EVIDENCE_CLASSES, LIFECYCLE_EVENTS, LIFECYCLE_STATES } from '#domain/lifecycle.ts'
import { NOT_ENTERED, PROVISION_METRICS, TRANSITIONS } from '#provision/index.ts'
import { APPLY_REFUSALS, DECISION_REASONS } from '../../../src/provision/reasons.ts'

const path = (page: string): string => fileURLToPath(new URL(`../../../docs/reference/${page}.md`, import.meta.url))
const read = (page: string): string => readFileSync(path(page), 'utf8')
const ALL = [undefined, ...LIFECYCLE_STATES] as const

test('the table of transitions in the reference is the table of the program', () => {
  const rows = TRANSITIONS.map(({ on, from, when, evidence, to, why }) => `| ${on.map((event) => `\`${event}\``).join(' ')} | ${states(from)} | ${needs(when)} | ${evidence} | ${to === 'same' || to === 'previous' || to === 'settled' ? `*${to}*` : `\`${to}\``} | ${why} |`)
  const table = ['| event | in state | needs | evidence | to | why |', '| --- | --- | --- | --- | --- | --- |', ...rows].join('\n')
  const page = read('lifecycle')
  const [before, after] = [page.slice(0, page.indexOf(' by its test -->\n') + ' by its test -->\n'.length), page.slice(page.indexOf('<!-- end -->'))]
  const wanted = `${before}${table}\n${after}`
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(path('lifecycle'), wanted)
  expect(page).toBe(wanted)
})

const word = (state: string | undefined): string => (state === undefined ? '(none)' : `\`${state}\``)
function states(from: (typeof TRANSITIONS)[number]['from']): string {
  const [those, others] = [ALL.filter((state) => from(state)), ALL.filter((state) => !from(state))]
  return others.length < 6 ? `any but ${others.map(word).join(' ')}` : those.map(word).join(' ')
}
const needs = (when: (typeof TRANSITIONS)[number]['when']): string =>
  when === undefined ? '' : when === 'unknown-held' ? '`boot.unknown: hold`' : when === 'any-profile' ? 'profile' : `profile: ${when.join(', ')}`

test('every state, event, evidence class and refusal is in the reference', () => {
  const page = read('lifecycle')
  expect([...LIFECYCLE_STATES, ...LIFECYCLE_EVENTS, ...NOT_ENTERED, ...APPLY_REFUSALS].filter((name) => !page.includes(`\`${name}\``))).toEqual([])
  expect(EVIDENCE_CLASSES.filter((name) => !page.includes(`| ${name} | `))).toEqual([])
})

test('every reason of a decision is in the reference with its outcome, and no other', () => {
  const documented = [...read('boot-api').matchAll(/^\| `([a-z-]+)` \| (boot|local|wait|refuse) \|/gm)].map(([, reason, outcome]) => [reason, outcome])
  expect(documented).toEqual(Object.entries(DECISION_REASONS))
})

test('every metric of the room is in a reference', () => {
  const pages = read('lifecycle') + read('boot-api')
  expect(PROVISION_METRICS.filter(({ name }) => !pages.includes(`\`${name}\``))).toEqual([])
})
