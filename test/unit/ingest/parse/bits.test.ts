import { expect, test } from 'vitest'
import { FORMATS, PARSE_FAULTS } from '#domain/message.ts'
import { FAULT, FORMAT } from '../../../../src/ingest/parse/fault-bits.ts'

const kebab = (name: string) => name.replace(/[A-Z]|8/g, (letter) => (letter === '8' ? '8' : `-${letter.toLowerCase()}`))

test('the literals of the hot path are the bits of the catalogue, all of them', () => {
  expect(Object.entries(FAULT).map(([name, bit]) => [kebab(name), bit])).toEqual(PARSE_FAULTS.map((name, n) => [name, 1 << n]))
  expect(Object.entries(FORMAT).map(([name, code]) => [name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`), code])).toEqual(FORMATS.map((name, n) => [name, n]))
})
