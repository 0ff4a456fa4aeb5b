import { needsHeader } from '#domain/fields/message-fields.ts'
import { BYTE_KIND, MAX_HEX_LETTERS, TOKEN_KIND, tokenHash } from '#domain/tokens.ts'
import type { ResolvedQuery } from '../../query.ts'
import { asciiLower } from '../ascii-lower.ts'
import { compileColumnVerdict, type ColumnVerdict } from './column-verdict.ts'
import { compileMatcher, type RowMatcher } from './matcher.ts'
import { compileTextScan, type TextScan } from './regex-scan.ts'
import { compileRunVerdict, type RunBounds } from './run-verdict.ts'
import { tokensOf } from './token-ranges.ts'
import type { Verdict } from './verdict.ts'

/**
 * A query taken apart by what must be known of a row to answer it; all parts must hold. Sealed runs answer the first ones
 * from their dictionaries, for thousands of rows at once.
 */
export interface Plan {
  /** Of who sent the row and whom it is about: once an origin. */
  readonly origin: RowMatcher | undefined
  /** What each shape may be asked; with it most rows are decided by their shape. */
  readonly shape: readonly ResolvedQuery[]
  /** Of PRI. */
  readonly priority: RowMatcher | undefined
  /** Every answer has a seq greater than this … */
  readonly afterSeq: number
  /** … and less than this. */
  readonly beforeSeq: number
  /** Of times, and of anything else that needs no frame. */
  readonly facts: RowMatcher | undefined
  /** The same by the bounds of a run, for all its rows. */
  readonly factsOfRun: (run: RunBounds) => Verdict
  /** Of the frame, for rows that their shape does not decide; with what shapes may be asked, for rows without one. */
  readonly frame: RowMatcher | undefined
  /** The terms of the frame for rows with a shape, when they read nothing but the text. */
  readonly texts: TextScan | undefined
  /** Shapes decide every row that has one. */
  readonly isShapeOnly: boolean
  /** What the columns of a shape in a block may be asked. */
  readonly columns: ColumnVerdict | undefined
  /** Tokens that every answer holds. */
  readonly tokens: readonly WantedToken[]
}
export interface WantedToken { readonly hash: number; readonly isVariable: boolean }

const CLASSES = ['origin', 'shape', 'priority', 'facts', 'frame'] as const
type TermClass = (typeof CLASSES)[number]

export function compilePlan(query: ResolvedQuery): Plan {
  const terms = flatten(query).filter((term) => term.kind !== 'seq')
  const of = (wanted: TermClass): ResolvedQuery[] => terms.filter((term) => classOf(term) === wanted)
  const matcher = (wanted: readonly ResolvedQuery[]): RowMatcher | undefined => (wanted.length === 0 ? undefined : compileMatcher(wanted.length === 1 ? wanted[0]! : { kind: 'and', terms: wanted }))
  const ofFrame = [...of('shape'), ...of('frame')]
  const joined = (wanted: readonly ResolvedQuery[]): ResolvedQuery => (wanted.length === 1 ? wanted[0]! : { kind: 'and', terms: wanted })
  const inFrame = of('frame')
  return {
    origin: matcher(of('origin')), shape: ofFrame, priority: matcher(of('priority')), facts: matcher(of('facts')), factsOfRun: compileRunVerdict(joined(of('facts'))),
    ...seqBounds(flatten(query)),
    frame: matcher(ofFrame),
    texts: inFrame.length > 0 && inFrame.every(readsTextOnly) ? compileTextScan(joined(inFrame), matcher(inFrame)!) : undefined,
    isShapeOnly: inFrame.length === 0,
    columns: inFrame.length === 0 ? undefined : compileColumnVerdict(joined(inFrame)),
    tokens: terms.flatMap(wantedTokens),
  }
}

function seqBounds(terms: readonly ResolvedQuery[]): Pick<Plan, 'afterSeq' | 'beforeSeq'> {
  let [afterSeq, beforeSeq] = [-Infinity, Infinity]
  for (const term of terms) {
    if (term.kind !== 'seq') continue
    const { comparison, value } = term
    if (comparison !== '<' && comparison !== '<=') afterSeq = Math.max(afterSeq, comparison === '>' ? value : value - 1)
    if (comparison !== '>' && comparison !== '>=') beforeSeq = Math.min(beforeSeq, comparison === '<' ? value : value + 1)
  }
  return { afterSeq, beforeSeq }
}

function readsTextOnly(term: ResolvedQuery): boolean {
  if (term.kind === 'param') return term.place === 'body' && !needsHeader(term.name)
  if (term.kind === 'not') return readsTextOnly(term.term)
  if (term.kind === 'and' || term.kind === 'or') return term.terms.every(readsTextOnly)
  return term.kind === 'text' || term.kind === 'regex'
}

function flatten(query: ResolvedQuery): ResolvedQuery[] {
  if (query.kind === 'all') return []
  return query.kind === 'and' ? query.terms.flatMap(flatten) : [query]
}

function classOf(term: ResolvedQuery): TermClass {
  switch (term.kind) {
    case 'ids':
    case 'method':
    case 'confidence':
      return 'origin'
    case 'field':
      return term.field === 'host' ? 'origin' : term.field === 'app' || term.field === 'msgid' ? 'shape' : 'frame'
    case 'format':
    case 'fault':
    case 'template':
      return 'shape'
    case 'severity':
    case 'facility':
      return 'priority'
    case 'all':
    case 'seq':
    case 'time':
    case 'session-times':
      return 'facts'
    case 'text':
    case 'regex':
    case 'procid':
    case 'param':
      return 'frame'
    case 'not':
      return classOf(term.term)
    case 'and':
    case 'or':
      return jointClass(term)
  }
}

/** Terms of one kind stay of that kind; what needs no frame is decided by the facts. */
function jointClass({ terms }: { readonly terms: readonly ResolvedQuery[] }): TermClass {
  const classes = new Set(terms.map(classOf))
  if (classes.size === 1) return [...classes][0]!
  return classes.has('shape') || classes.has('frame') || terms.some(readsHost) ? 'frame' : 'facts'
}

/** HOSTNAME is known of an origin, but not among the facts of a row. */
function readsHost(term: ResolvedQuery): boolean {
  if (term.kind === 'field') return term.field === 'host'
  if (term.kind === 'not') return readsHost(term.term)
  return (term.kind === 'and' || term.kind === 'or') && term.terms.some(readsHost)
}

/** Whole tokens of a text. Hex letters may be a word or a part of an address: they say nothing. */
function wantedTokens(term: ResolvedQuery): WantedToken[] {
  if (term.kind !== 'text') return []
  const bytes = Buffer.from(asciiLower(term.text))
  if (bytes.some((byte) => byte > 127)) return []
  const found: WantedToken[] = []
  for (const { start, end } of tokensOf(bytes)) {
    const isCut = (start === 0 && (term.open === 'start' || term.open === 'both')) || (end === bytes.length && (term.open === 'end' || term.open === 'both'))
    const kinds = bytes.subarray(start, end).reduce((all, byte) => ({ any: all.any | BYTE_KIND[byte]!, common: all.common & BYTE_KIND[byte]! }), { any: 0, common: 255 })
    const isVariable = (kinds.any & TOKEN_KIND.digit) !== 0
    const mayBeEither = !isVariable && (kinds.common & TOKEN_KIND.hexLetter) !== 0 && end - start <= MAX_HEX_LETTERS
    if (!isCut && !mayBeEither) found.push({ hash: tokenHash(bytes, start, end), isVariable })
  }
  return found
}
