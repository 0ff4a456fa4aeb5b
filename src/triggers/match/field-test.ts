import type { FieldTest } from '../rules/rule.ts'

/** Whether named groups are what a condition asks of them. A group that took no part, or is no number where one is meant, is not. */
export function fieldsHold(tests: readonly FieldTest[], captured: Readonly<Record<string, string>>): boolean {
  return tests.every(({ name, is, value }) => {
    const text = captured[name]
    if (text === undefined) return false
    if (typeof value === 'string') return (text === value) === (is === 'eq')
    const number = text.trim() === '' ? Number.NaN : Number(text)
    return !Number.isNaN(number) && HOLDS[is](number, value)
  })
}

const HOLDS: Readonly<Record<FieldTest['is'], (a: number, b: number) => boolean>> = {
  gt: (a, b) => a > b,
  gte: (a, b) => a >= b,
  lt: (a, b) => a < b,
  lte: (a, b) => a <= b,
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
}
