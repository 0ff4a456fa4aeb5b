import type { TextFault } from '#domain/fault.ts'
import { formatTextFault } from '#domain/fault.ts'

/** A template that cannot be compiled, or a view that lacks what it asks for: with the place in the template. */
export class TemplateFault extends Error {
  override readonly name = 'TemplateFault'
  readonly at: TextFault

  constructor(at: TextFault, cause?: unknown) {
    super(formatTextFault(at), cause === undefined ? undefined : { cause })
    this.at = at
  }
}

/** What Handlebars throws, with its place: a parse error says `on line n`, a missing name ends in ` - line:column`. */
export function asTemplateFault(error: unknown, name: string): TemplateFault {
  if (error instanceof TemplateFault) return error
  if (!(error instanceof Error)) throw error
  const { lineNumber, column } = error as Error & { readonly lineNumber?: number; readonly column?: number }
  const missing = /^"(.*)" not defined in .* - (\d+):(\d+)$/s.exec(error.message)
  if (missing !== null) return new TemplateFault({ file: name, line: Number(missing[2]), column: Number(missing[3]) + 1, message: `there is no value \`${missing[1]}\`` }, error)
  const line = lineNumber ?? Number(/on line (\d+)/.exec(error.message)?.[1] ?? 1)
  const expected = /Expecting (.*), got '(\w+)'/s.exec(error.message)
  const message = expected === null ? error.message.split('\n')[0]!.replace(/ - \d+:\d+$/, '') : `cannot be read: \`}}\` or a name is missing here`
  return new TemplateFault({ file: name, line, column: column === undefined ? Math.max(1, arrow(error.message)) : column + 1, message }, error)
}

/** Where Handlebars' `----^` points in what it shows of the line. */
const arrow = (message: string): number => (message.split('\n').find((line) => /^-*\^$/.test(line))?.length ?? 1)
