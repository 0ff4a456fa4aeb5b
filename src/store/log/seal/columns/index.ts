/** Columns of a block: numbers and tokens, each in the codec that makes it smallest. */
export { createColumnSink, type ColumnSink, type ColumnSource } from './column-streams.ts'
export { openNumberColumn, type NumberColumn } from './number-column.ts'
export type { TokenSpans } from './token-scan.ts'
export { openTokenColumn, type TokenColumn } from './token-column.ts'
export { writeNumberColumn, type NumberArray } from './write-numbers.ts'
export { writeTokenColumn } from './write-tokens.ts'
