import type { Comparison, ResolvedQuery } from '../../query.ts'
import type { RunEntry } from '../seal/runs/run.ts'
import { better, opposite, VERDICT, worse, type Verdict } from './verdict.ts'

export type RunBounds = Pick<RunEntry, 'firstSeq' | 'lastSeq' | 'minMs' | 'maxMs'>

/** What the range of seqs and of times of receipt says of all rows of a run. */
export function compileRunVerdict(query: ResolvedQuery): (run: RunBounds) => Verdict {
  switch (query.kind) {
    case 'all':
      return () => VERDICT.yes
    case 'and': {
      const terms = query.terms.map(compileRunVerdict)
      return (run) => terms.reduce((verdict, term) => worse(verdict, term(run)), VERDICT.yes as Verdict)
    }
    case 'or': {
      const terms = query.terms.map(compileRunVerdict)
      return (run) => terms.reduce((verdict, term) => better(verdict, term(run)), VERDICT.no as Verdict)
    }
    case 'not': {
      const term = compileRunVerdict(query.term)
      return (run) => opposite(term(run))
    }
    case 'time': {
      const { fromMs = -Infinity, untilMs = Infinity } = query
      return ({ minMs, maxMs }) => (maxMs < fromMs || minMs >= untilMs ? VERDICT.no : minMs >= fromMs && maxMs < untilMs ? VERDICT.yes : VERDICT.maybe)
    }
    case 'seq':
      return ({ firstSeq, lastSeq }) => seqVerdict(query, firstSeq, lastSeq)
    case 'text':
    case 'regex':
    case 'field':
    case 'ids':
    case 'severity':
    case 'facility':
    case 'procid':
    case 'confidence':
    case 'format':
    case 'fault':
    case 'method':
    case 'template':
    case 'param':
    case 'session-times':
      return () => VERDICT.maybe
  }
}

function seqVerdict({ comparison, value }: { readonly comparison: Comparison; readonly value: number }, first: number, last: number): Verdict {
  switch (comparison) {
    case '=':
      return value < first || value > last ? VERDICT.no : VERDICT.maybe
    case '<':
      return last < value ? VERDICT.yes : first < value ? VERDICT.maybe : VERDICT.no
    case '<=':
      return last <= value ? VERDICT.yes : first <= value ? VERDICT.maybe : VERDICT.no
    case '>':
      return first > value ? VERDICT.yes : last > value ? VERDICT.maybe : VERDICT.no
    case '>=':
      return first >= value ? VERDICT.yes : last >= value ? VERDICT.maybe : VERDICT.no
  }
}
