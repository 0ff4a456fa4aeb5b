import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ALERT_REASONS, ALERT_STATES, MUTES } from '#domain/alert.ts'
import { MAX_OPEN_ALERTS, MAX_OPEN_OF_RULE, MAX_RESOLVED_ALERTS, MAX_SILENCES } from '#triggers/index.ts'

const page = readFileSync(new URL('../../../docs/reference/alerts.md', import.meta.url), 'utf8')
const rowsBelow = (heading: string): readonly (readonly string[])[] =>
  page.slice(page.indexOf(`| ${heading} |`)).split('\n\n')[0]!.split('\n').slice(2).map((row) => row.split('|').slice(1, -1).map((cell) => cell.trim()))
const number = (value: number): string => value.toLocaleString('en')

test('docs/reference/alerts.md has every state, reason and mute, in the words of the program', () => {
  expect(rowsBelow('state').map(([state]) => state)).toEqual(ALERT_STATES.map((state) => `\`${state}\``))
  expect(rowsBelow('reason')).toEqual(Object.entries(ALERT_REASONS).map(([reason, means]) => [`\`${reason}\``, means]))
  expect(rowsBelow('mute').map(([mute]) => mute)).toEqual(Object.keys(MUTES).map((mute) => `\`${mute}\``))
})

test('and the bounds that hold', () => {
  const bounds = rowsBelow('what').map(([what, bound]) => `${what}: ${bound}`)
  expect(bounds).toContain(`open alerts: ${number(MAX_OPEN_ALERTS)}; ${number(MAX_OPEN_OF_RULE)} of one rule`)
  expect(bounds).toContain(`alerts that are over: 90 days, ${number(MAX_RESOLVED_ALERTS)}`)
  expect(page).toContain(`There may be ${MAX_SILENCES} at a time.`)
})
