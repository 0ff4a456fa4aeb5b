import { expect, test } from 'vitest'
import { holds } from '#triggers/match/condition.ts'
import { fieldsHold } from '#triggers/match/field-test.ts'
import { lineOfMessage } from '#triggers/match/line.ts'
import type { FieldTest } from '#triggers/rules/rule.ts'
import { aRule, stored } from './support.ts'

test.for<readonly [string | undefined, FieldTest['is'], string | number, boolean]>([
  ['90', 'gt', 90, false], ['90.5', 'gt', 90, true], ['90', 'gte', 90, true], ['-3', 'lt', 0, true], ['0', 'lt', 0, false], ['0', 'lte', 0, true], ['1e3', 'eq', 1000, true], ['0x10', 'eq', 16, true],
  ['090', 'eq', 90, true], ['090', 'eq', '90', false], ['sda', 'eq', 'sda', true], ['SDA', 'eq', 'sda', false], ['sdb', 'ne', 'sda', true], ['sda', 'ne', 'sda', false], ['7', 'ne', 8, true],
  ['hot', 'gt', 90, false], ['hot', 'ne', 90, false], ['', 'lt', 90, false], [' ', 'lt', 90, false], [undefined, 'ne', 'sda', false], [undefined, 'lt', 5, false], ['NaN', 'ne', 5, false],
])('%s %s %s: %s', ([text, is, value, expected]) => {
  expect(fieldsHold([{ name: 'x', is, value }], text === undefined ? {} : { x: text })).toBe(expected)
})

test('groups of conditions inside of it are compared too, and those of `not` inside of that', () => {
  const { when } = aRule("severity: info\nwhen: {match: {app: a, all: [{regex: 'at (?<temp>\\d+)'}], field: {temp: {gt: 50}}, not: {regex: 'of (?<most>\\d+)', field: {most: {lt: 60}}}}}")
  if (when.kind !== 'match' || when.on.kind !== 'line') throw new Error('another kind')
  const { match } = when.on
  expect(['at 51', 'at 50', 'at 51 of 61', 'at 51 of 59'].map((text) => holds(match, lineOfMessage(stored({ app: 'a', text }, 1))))).toEqual([true, false, true, false])
})
