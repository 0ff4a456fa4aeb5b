import { didYouMean } from '#base/text.ts'
import type { Medium } from './media.ts'
import { walkPlaces, type PlaceWalk } from './places.ts'

type Node = hbs.AST.Node
export interface Fault { readonly line: number; readonly column: number; readonly message: string; readonly hint?: string | undefined }

export const HELPERS = ['default', 'join', 'upper', 'lower', 'eq'] as const
export const BLOCKS = ['if', 'unless', 'each', 'with'] as const

/** The first thing that a template of this medium may not have; undefined: none. */
export function checkTemplate(program: hbs.AST.Program, medium: Medium): Fault | undefined {
  return checkProgram(program, walkPlaces(medium))
}

function checkProgram(program: hbs.AST.Program, places: PlaceWalk): Fault | undefined {
  for (const statement of program.body) {
    const fault = checkStatement(statement, places)
    if (fault !== undefined) return fault
  }
  return undefined
}

function checkStatement(statement: hbs.AST.Statement, places: PlaceWalk): Fault | undefined {
  switch (statement.type) {
    case 'CommentStatement':
      return undefined
    case 'ContentStatement':
      places.read((statement as hbs.AST.ContentStatement).original.toString())
      return undefined
    case 'MustacheStatement':
      return checkValue(statement as hbs.AST.MustacheStatement, places)
    case 'BlockStatement':
      return checkBlock(statement as hbs.AST.BlockStatement, places)
    default:
      return faultAt(statement, 'partials and decorators are not there')
  }
}

function checkValue(value: hbs.AST.MustacheStatement, places: PlaceWalk): Fault | undefined {
  if (!value.escaped) return faultAt(value, 'every value is escaped: there is no `{{{…}}}`', 'write `{{…}}`')
  const refusal = places.refusal()
  if (refusal !== undefined) return faultAt(value, refusal)
  return value.params.length === 0 ? undefined : checkCall(value)
}

function checkCall(call: { readonly path: Node; readonly params: readonly hbs.AST.Expression[] }): Fault | undefined {
  const name = (call.path as hbs.AST.PathExpression).original
  if (!(HELPERS as readonly string[]).includes(name)) return unknown(call.path, name, HELPERS)
  for (const parameter of call.params) {
    const fault = parameter.type === 'SubExpression' ? checkCall(parameter as hbs.AST.SubExpression) : undefined
    if (fault !== undefined) return fault
  }
  return undefined
}

function checkBlock(block: hbs.AST.BlockStatement, places: PlaceWalk): Fault | undefined {
  if (!(BLOCKS as readonly string[]).includes(block.path.original as string)) return unknown(block.path, String(block.path.original), BLOCKS)
  const before = places.state
  for (const program of [block.program, block.inverse]) {
    if (program === undefined || program === null) continue
    const fault = checkProgram(program, places)
    if (fault !== undefined) return fault
    if (places.state !== before) return faultAt(block, 'a block ends in the kind of place where it began', 'a quote is opened or closed inside')
  }
  return undefined
}

function unknown(node: Node, name: string, known: readonly string[]): Fault {
  const near = didYouMean(name, known)
  return faultAt(node, `there is no \`${name}\``, near === undefined ? `there are: ${known.join(', ')}` : `did you mean ${near}?`)
}

/** Handlebars counts columns from 0. */
const faultAt = ({ loc }: Node, message: string, hint?: string): Fault => ({ line: loc.start.line, column: loc.start.column + 1, message, hint })

/**
 * The template with every `{{x}}` made `{{escape:medium x}}`. Paths get the `strict` mark that Handlebars itself sets only
 * on a bare `{{x}}`: a name that the view lacks is a fault there too, but in `default`, `if` and `unless`.
 */
export function wrapValues(program: hbs.AST.Program, medium: Medium): hbs.AST.Program {
  for (const statement of program.body) {
    if (statement.type === 'MustacheStatement') wrapValue(statement as hbs.AST.MustacheStatement, medium)
    else if (statement.type === 'BlockStatement') {
      const block = statement as hbs.AST.BlockStatement
      const name = (block.path as hbs.AST.PathExpression).original
      if (name === 'each' || name === 'with') block.params.forEach(makeStrict)
      for (const part of [block.program, block.inverse]) if (part !== undefined && part !== null) wrapValues(part, medium)
    }
  }
  return program
}

function wrapValue(value: hbs.AST.MustacheStatement, medium: Medium): void {
  const { path, params, hash, loc } = value
  const inner = params.length === 0 ? path : ({ type: 'SubExpression', path, params, hash, loc } as hbs.AST.SubExpression)
  makeStrict(inner)
  const name = `escape:${medium}`
  value.path = { type: 'PathExpression', data: false, depth: 0, parts: [name], original: name, loc } as hbs.AST.PathExpression
  value.params = [inner]
}

function makeStrict(expression: hbs.AST.Expression): void {
  if (expression.type === 'PathExpression') (expression as hbs.AST.PathExpression & { strict?: boolean }).strict = true
  else if (expression.type === 'SubExpression') {
    const call = expression as hbs.AST.SubExpression
    if ((call.path as hbs.AST.PathExpression).original !== 'default') call.params.forEach(makeStrict)
  }
}

/** Names read from the outermost view, in order; `each` and `with` have views of their own inside. */
export function outerNames(program: hbs.AST.Program): { readonly name: string; readonly line: number; readonly column: number }[] {
  const found: { name: string; line: number; column: number }[] = []
  const read = (expression: hbs.AST.Expression): void => {
    if (expression.type === 'SubExpression') return (expression as hbs.AST.SubExpression).params.forEach(read)
    const path = expression as hbs.AST.PathExpression
    const first = path.type === 'PathExpression' && !path.data && path.depth === 0 ? path.parts[0] : undefined
    if (typeof first === 'string') found.push({ name: first, line: path.loc.start.line, column: path.loc.start.column + 1 })
  }
  for (const statement of program.body) {
    if (statement.type === 'MustacheStatement') {
      const { path, params } = statement as hbs.AST.MustacheStatement
      if (params.length === 0) read(path)
      else params.forEach(read)
    } else if (statement.type === 'BlockStatement') {
      const block = statement as hbs.AST.BlockStatement
      block.params.forEach(read)
      const hasOwnView = ['each', 'with'].includes((block.path as hbs.AST.PathExpression).original)
      for (const part of [hasOwnView ? undefined : block.program, block.inverse]) if (part !== undefined && part !== null) found.push(...outerNames(part))
    }
  }
  return found
}
