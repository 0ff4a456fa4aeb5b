import type { CodeSet } from './code-sets.ts'
import { readExpression, type ExpressionTree } from './expression-tree.ts'

/** Shorter ones are in too many texts to be worth looking for. */
const MIN_LITERAL_LENGTH = 3
const MAX_LITERAL_LENGTH = 64

/**
 * Letters that stand together in every text that the expression matches, so that texts without them need not be matched.
 * @returns ASCII in lower case, to be looked for without case; undefined when there are none of length 3, and when in doubt
 */
export function requiredLiteral(pattern: string): string | undefined {
  const tree = readExpression(pattern)
  if (tree === undefined) return undefined
  const found = runsOf(tree).toSorted((a, b) => b.length - a.length)[0] ?? ''
  return found.length < MIN_LITERAL_LENGTH ? undefined : found.slice(0, MAX_LITERAL_LENGTH)
}

/** The stretches of literals that every match contains. */
function runsOf(tree: ExpressionTree): string[] {
  const runs: string[] = []
  let run = ''
  const end = (): void => {
    runs.push(run)
    run = ''
  }
  const visit = (node: ExpressionTree): void => {
    switch (node.kind) {
      case 'set': {
        const letter = letterOf(node.set)
        if (letter === undefined) end()
        else if (run.length < MAX_LITERAL_LENGTH) run += letter
        return
      }
      case 'assert':
        return // has no width: its neighbours stand together
      case 'concat':
        node.parts.forEach(visit)
        return
      case 'choice':
        end()
        return
      case 'repeat':
        // the first time joins what stands before; what follows joins the last time, which may be another
        if (node.min > 0) visit(node.part)
        if (node.min !== 1 || node.max !== 1) end()
        return
    }
  }
  visit(tree)
  end()
  return runs
}

/** The one ASCII letter, in lower case, that the set is in either case. */
function letterOf(set: CodeSet): string | undefined {
  const codes = set.flatMap(([first, last]) => (first === last ? [first] : [first, Infinity]))
  const letters = new Set(codes.map((code) => (code < 128 ? String.fromCharCode(code).toLowerCase() : '')))
  const [letter] = letters
  return letters.size === 1 && letter !== '' ? letter : undefined
}
