import { goldenCases } from '../fixtures/ingest/golden-case.ts'
import { printCase } from '../fixtures/ingest/golden-print.ts'

/** What the bundle of mutants gives: the golden cases, and whether one is still read as expected. */
export const cases = goldenCases()
export const isAsExpected = (index: number): boolean => printCase(cases[index]!) === cases[index]!.expected
