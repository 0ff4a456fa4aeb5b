import { nothingFound, type CommandContext } from './context.ts'
import { EXIT, type ExitCode } from './exit.ts'
import { jsonLine, table, type Column, type Output } from './output.ts'

interface List<T> {
  readonly rows: readonly T[]
  /** Their name for people, when there is none. */
  readonly what: string
  readonly columns: readonly Column<T>[]
  readonly output: Output
}

/** A list as a table, or as one JSON value a line. */
export function printList<T>({ io, paint }: Pick<CommandContext, 'io' | 'paint'>, { rows, what, columns, output }: List<T>): ExitCode {
  if (rows.length === 0) return nothingFound(io, what)
  if (output === 'json') for (const row of rows) io.out(jsonLine(row))
  else io.out(table(rows, columns, paint))
  return EXIT.ok
}
