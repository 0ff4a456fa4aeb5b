import type { CodeSet } from '../../query/code-sets.ts'
import { readExpression, type ExpressionTree } from '../../query/expression-tree.ts'

/** Positions of an expression that are followed: bits of a number. */
const MAX_POSITIONS = 30
/** Copies of a part that must be repeated; more are taken for any number of times. */
const MAX_COPIES = 5
/** ASCII, and one class for all above. */
const HIGH = 128
export const BYTE_CLASSES = HIGH + 1

/** Follows an expression through texts of which only the kinds of letters are known. Sets are 1 at each byte class that may come. */
export interface ExpressionReach {
  begin(): void
  /** These bytes come next. @returns whether a match may have ended */
  pass(bytes: Uint8Array, from: number, to: number): boolean
  /** One or more letters of the set come next. */
  passAny(set: Uint8Array): boolean
}

interface Part { readonly isNullable: boolean; readonly first: number; readonly last: number }
class TooLong extends Error {}

/**
 * Places and repetitions without end are taken for more than they are: what cannot be reached is certainly no match.
 * @returns undefined when it is of no use: what is not of the plain subset, too long, or matches the empty text
 */
export function compileReach(pattern: string): ExpressionReach | undefined {
  const tree = readExpression(pattern)
  if (tree === undefined) return undefined
  const positions = createPositions()
  try {
    const whole = positions.add(tree)
    return whole.isNullable ? undefined : new Reach(positions, whole)
  } catch (error) {
    if (error instanceof TooLong) return undefined
    throw error
  }
}

interface Positions {
  /** By byte class: positions that take it. */
  readonly taking: Uint32Array
  /** By position: those that may come behind it. */
  readonly follow: number[]
  add(tree: ExpressionTree): Part
}

/** Glushkov's construction: one position for each set of the expression. */
function createPositions(): Positions {
  const taking = new Uint32Array(BYTE_CLASSES)
  const follow: number[] = []
  const nothing: Part = { isNullable: true, first: 0, last: 0 }

  const link = (last: number, first: number): void => {
    for (let rest = last; rest !== 0; rest &= rest - 1) follow[31 - Math.clz32(rest & -rest)]! |= first
  }
  const addSet = (set: CodeSet): Part => {
    if (follow.length === MAX_POSITIONS) throw new TooLong()
    const bit = 1 << follow.length
    follow.push(0)
    for (const [low, high] of set) for (let code = Math.min(low, HIGH); code <= Math.min(high, HIGH); code++) taking[code]! |= bit
    return { isNullable: false, first: bit, last: bit }
  }
  const join = (a: Part, b: Part): Part => {
    link(a.last, b.first)
    return { isNullable: a.isNullable && b.isNullable, first: a.isNullable ? a.first | b.first : a.first, last: b.isNullable ? a.last | b.last : b.last }
  }
  const addRepeat = ({ part, min, max }: Extract<ExpressionTree, { kind: 'repeat' }>): Part => {
    if (max === 0) return nothing
    let whole = nothing
    let last = nothing
    for (let copy = 0; copy < Math.max(1, Math.min(min, MAX_COPIES)); copy++) {
      last = add(part)
      whole = join(whole, last)
    }
    if (max > min || min > MAX_COPIES) link(last.last, last.first)
    return { ...whole, isNullable: whole.isNullable || min === 0 }
  }
  const add = (tree: ExpressionTree): Part => {
    switch (tree.kind) {
      case 'set':
        return addSet(tree.set)
      case 'assert':
        return nothing
      case 'concat':
        return tree.parts.reduce((joined, part) => join(joined, add(part)), nothing)
      case 'choice': {
        const parts = tree.parts.map(add)
        return { isNullable: parts.some(({ isNullable }) => isNullable), first: parts.reduce((all, { first }) => all | first, 0), last: parts.reduce((all, { last }) => all | last, 0) }
      }
      case 'repeat':
        return addRepeat(tree)
    }
  }
  return { taking, follow, add }
}

class Reach implements ExpressionReach {
  readonly #taking: Uint32Array
  readonly #follow: readonly number[]
  readonly #first: number
  readonly #last: number
  /** Positions that the last letter may have taken. */
  #at = 0

  constructor({ taking, follow }: Positions, { first, last }: Part) {
    this.#taking = taking
    this.#follow = follow
    this.#first = first
    this.#last = last
  }

  begin(): void {
    this.#at = 0
  }

  pass(bytes: Uint8Array, from: number, to: number): boolean {
    for (let i = from; i < to; i++) {
      const byte = bytes[i]!
      if (byte >= HIGH) {
        // a letter of several bytes, or one of them: none, one or more
        if (this.#repeat(this.#taking[HIGH]!, this.#at)) return true
        continue
      }
      this.#at = this.#next(this.#at) & this.#taking[byte]!
      if ((this.#at & this.#last) !== 0) return true
    }
    return false
  }

  passAny(set: Uint8Array): boolean {
    let taking = 0
    for (let kind = 0; kind < BYTE_CLASSES; kind++) if (set[kind] === 1) taking |= this.#taking[kind]!
    return this.#repeat(taking, set[HIGH] === 1 ? this.#at : this.#next(this.#at) & taking)
  }

  #repeat(taking: number, begin: number): boolean {
    let at = begin
    for (;;) {
      const more = at | (this.#next(at | this.#at) & taking)
      if (more === at) break
      at = more
    }
    this.#at = at
    return (at & this.#last) !== 0
  }

  /** Positions that may come next; a match may begin anywhere. */
  #next(at: number): number {
    let next = this.#first
    for (let rest = at; rest !== 0; rest &= rest - 1) next |= this.#follow[31 - Math.clz32(rest & -rest)]!
    return next
  }
}
