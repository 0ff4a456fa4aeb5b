import { parseAst } from 'vitest/node'

export type MutantKind = 'branch' | 'finer'

/** A change of the code that some golden case should notice. */
export interface Mutant {
  /** From 1, in the order of the code. */
  readonly id: number
  readonly file: string
  readonly line: number
  readonly column: number
  /**
   * `branch`: a condition, an operand or a case that no longer decides, or a statement left out: some golden case must need it.
   * `finer`: a boundary or a number moved by one, `&&` for `||`.
   */
  readonly kind: MutantKind
  /** What it is known by however the lines move: `file function: code → what it becomes`, and `#2` for the second that reads the same. */
  readonly key: string
}

export interface Instrumented {
  /** The code with all its mutants in it; `$m(id)` says whether one is on, `$s()` counts the rounds of loops. */
  readonly code: string
  readonly mutants: readonly Mutant[]
}

/** A node of the syntax tree as the parser gives it; only `type` and the positions are there in all of them. */
interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [key: string]: unknown
}
interface Replacement { readonly change: string; readonly text: string; readonly kind: MutantKind }
interface Place { readonly functionName: string; readonly comparison: Node | undefined }

const BOUNDARY: Readonly<Record<string, string>> = { '<': '<=', '<=': '<', '>': '>=', '>=': '>' }
const COMPARISONS = new Set(['<', '<=', '>', '>=', '===', '!==', '==', '!='])
const OTHER_LOGIC: Readonly<Record<string, string>> = { '&&': '||', '||': '&&' }
/** Types with code inside; all other TS… nodes are types only. */
const TYPED_EXPRESSIONS = new Set(['TSAsExpression', 'TSNonNullExpression', 'TSSatisfiesExpression'])
const LOOPS = new Set(['WhileStatement', 'DoWhileStatement', 'ForStatement', 'ForOfStatement', 'ForInStatement'])

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && typeof (value as Node).type === 'string' && typeof (value as Node).start === 'number'
const childrenOf = (node: Node): Node[] => Object.values(node).flatMap((value) => (Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : []))
const isTypeOnly = (node: Node): boolean => node.type.startsWith('TS') && !TYPED_EXPRESSIONS.has(node.type)

/**
 * Puts all mutants into the code at once: conditions and their operands forced true and forced false, cases that never
 * match, statements left out; and finer: `&&` ↔ `||`, boundaries moved, numbers in comparisons and of constants one up and one down.
 * @param file a name for the reports
 * @param firstId id of the first mutant
 */
export function instrument({ file, source, firstId }: { readonly file: string; readonly source: string; readonly firstId: number }): Instrumented {
  const mutants: Mutant[] = []
  const seen = new Map<string, number>()

  function add({ node, place, change, kind }: { readonly node: Node; readonly place: Place; readonly change: string; readonly kind: MutantKind }): number {
    const shown = node.type === 'Literal' ? (place.comparison ?? node) : node
    const text = source.slice(shown.start, shown.end).replace(/\s+/g, ' ')
    const key = `${file} ${place.functionName}: ${text} → ${change}`
    const count = (seen.get(key) ?? 0) + 1
    seen.set(key, count)
    const before = source.slice(0, node.start).split('\n')
    const id = firstId + mutants.length
    mutants.push({ id, file, line: before.length, column: before.at(-1)!.length + 1, kind, key: count > 1 ? `${key} #${count}` : key })
    return id
  }
  const choose = (node: Node, place: Place, replacements: readonly Replacement[], original: string): string =>
    replacements.reduceRight((rest, { change, text, kind }) => `$m(${add({ node, place, change, kind })}) ? (${text}) : ${rest}`, `(${original})`)

  /** The code of a node with that of its children instrumented. */
  function inner(node: Node, place: Place): string {
    let code = ''
    let at = node.start
    for (const child of childrenToVisit(node).sort((a, b) => a.start - b.start)) {
      code += source.slice(at, child.start) + render(child, { node, place: placeOf(child, node, place) })
      at = child.end
    }
    return code + source.slice(at, node.end)
  }

  function render(node: Node, { node: parent, place }: { readonly node: Node; readonly place: Place }): string {
    const replacements = replacementsOf(node, parent, place)
    const original = inner(node, place)
    const guard = LOOPS.has(parent.type) && parent['body'] === node ? '$s();' : ''
    if (node.type === 'ExpressionStatement') return `{ ${guard} if (!$m(${add({ node, place, change: 'nothing', kind: 'branch' })})) { ${original} } }`
    if (guard !== '') return `{ ${guard} ${original} }`
    return replacements.length === 0 ? original : `(${choose(node, place, replacements, original)})`
  }

  function replacementsOf(node: Node, parent: Node, place: Place): Replacement[] {
    const text = source.slice(node.start, node.end)
    const found: Replacement[] = []
    const isTest = parent['test'] === node && parent.type !== 'SwitchCase'
    const isOperand = parent.type === 'LogicalExpression' && parent['operator'] !== '??'
    const isComparison = node.type === 'BinaryExpression' && COMPARISONS.has(node['operator'] as string)
    const isJoined = node.type === 'LogicalExpression' && node['operator'] !== '??'
    // What notices `a` always true in `a && b` notices the whole always true; never true it is when `a` is: the operands speak for the whole.
    if ((isTest || isOperand || isComparison) && !isJoined) found.push({ change: 'true', text: 'true', kind: 'branch' }, { change: 'false', text: 'false', kind: 'branch' })
    if (node.type === 'LogicalExpression') {
      const left = sliceOf(node['left'])
      const right = sliceOf(node['right'])
      const other = OTHER_LOGIC[node['operator'] as string]
      if (other === undefined) found.push({ change: 'left', text: left, kind: 'branch' }, { change: 'right', text: right, kind: 'branch' })
      else found.push({ change: other, text: `(${left}) ${other} (${right})`, kind: 'finer' })
    }
    if (isComparison) {
      const other = BOUNDARY[node['operator'] as string]
      if (other !== undefined) found.push({ change: other, text: `(${sliceOf(node['left'])}) ${other} (${sliceOf(node['right'])})`, kind: 'finer' })
    }
    const isConstant = place.functionName === '' && parent.type === 'VariableDeclarator'
    if (node.type === 'Literal' && typeof node['value'] === 'number' && (place.comparison !== undefined || isConstant)) for (const change of [`${text} + 1`, `${text} - 1`]) found.push({ change, text: change, kind: 'finer' })
    if (parent.type === 'SwitchCase' && parent['test'] === node) found.push({ change: 'never', text: 'undefined', kind: 'branch' })
    return found
  }
  const sliceOf = (value: unknown): string => source.slice((value as Node).start, (value as Node).end)

  const program = parseAst(source, { lang: 'ts' }) as unknown as Node
  return { code: inner(program, { functionName: '', comparison: undefined }), mutants }
}

/** Without types, the names of properties, and what an import or a pattern says. */
function childrenToVisit(node: Node): Node[] {
  if (node.type === 'ImportDeclaration' || node.type === 'ExportAllDeclaration') return []
  const skipped = new Set<unknown>()
  if (node['computed'] !== true) skipped.add(node['key']).add(node['property'])
  if (node.type === 'Property' && node['shorthand'] === true) return []
  if (node.type === 'ExpressionStatement' && typeof node['directive'] === 'string') return []
  return childrenOf(node).filter((child) => !isTypeOnly(child) && !skipped.has(child))
}

function placeOf(child: Node, parent: Node, place: Place): Place {
  const isFunction = child.type === 'FunctionDeclaration' || child.type === 'FunctionExpression' || child.type === 'ArrowFunctionExpression'
  const isInside = parent.type === 'BinaryExpression' && COMPARISONS.has(parent['operator'] as string)
  const comparison = isInside ? parent : child.type === 'BlockStatement' ? undefined : place.comparison
  if (!isFunction) return { functionName: place.functionName, comparison }
  const name = (child['id'] ?? (parent.type === 'VariableDeclarator' ? parent['id'] : parent['key'])) as { readonly name?: string } | undefined
  return { functionName: name?.name ?? (place.functionName === '' ? 'anonymous' : place.functionName), comparison: undefined }
}
