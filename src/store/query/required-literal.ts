import type { CodeSet } from './code-sets.ts'
import { readExpression, type ExpressionTree } from './expression-tree.ts'

/** Shorter ones are in too many texts to be worth looking for. */
const MIN_LITERAL_LENGTH = 3
const MAX_LITERAL_LENGTH = 64
/** Looking for more than these costs as much as the expression. */
const MAX_ALTERNATIVES = 8

/**
 * Letters that stand together in every text that the expression matches, so that texts without them need not be matched.
 * @returns ASCII in lower case, to be looked for without case; undefined when there are none of length 3, and when in doubt
 */
export function requiredLiteral(pattern: string): string | undefined {
  const tree = readExpression(pattern)
  return tree === undefined ? undefined : bestOf(runsOf(tree).runs.map((run) => [run]))?.[0]
}

/** The same, where the expression offers a choice: one of these is in every text that matches (`error|failed`). */
export function requiredLiterals(pattern: string): readonly string[] | undefined {
  const tree = readExpression(pattern)
  return tree === undefined ? undefined : oneOf(tree)
}

function oneOf(tree: ExpressionTree): readonly string[] | undefined {
  const { runs, choices } = runsOf(tree)
  const alternatives = choices.flatMap((parts) => {
    const each = parts.map(oneOf)
    return each.every((part) => part !== undefined) ? [each.flat()] : []
  })
  return bestOf([...runs.map((run) => [run]), ...alternatives])
}

/** The longer the shortest, the fewer texts hold one. */
function bestOf(candidates: readonly (readonly string[])[]): readonly string[] | undefined {
  const shortest = (candidate: readonly string[]): number => Math.min(...candidate.map((literal) => literal.length))
  const useful = candidates.filter((candidate) => candidate.length <= MAX_ALTERNATIVES && shortest(candidate) >= MIN_LITERAL_LENGTH)
  return useful.toSorted((a, b) => a.length - b.length || shortest(b) - shortest(a))[0]
}

/** The stretches of literals that every match contains, and the choices that every match makes. */
interface Runs { readonly runs: readonly string[]; readonly choices: readonly (readonly ExpressionTree[])[] }

function runsOf(tree: ExpressionTree): Runs {
  const runs: string[] = []
  const choices: (readonly ExpressionTree[])[] = []
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
        choices.push(node.parts)
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
  return { runs, choices }
}

/** The one ASCII letter, in lower case, that the set is in either case. */
function letterOf(set: CodeSet): string | undefined {
  const codes = set.flatMap(([first, last]) => (first === last ? [first] : [first, Infinity]))
  const letters = new Set(codes.map((code) => (code < 128 ? String.fromCharCode(code).toLowerCase() : '')))
  const [letter] = letters
  return letters.size === 1 && letter !== '' ? letter : undefined
}
