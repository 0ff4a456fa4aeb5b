import type { ResolvedQuery } from '../../query.ts'
import { asciiLower } from '../ascii-lower.ts'
import { decodeApps, hasAnyId, type PresenceField } from '../seal/version-1/presence.ts'
import { lastSeqOf, type Chunk } from './chunk.ts'

/** May the chunk hold an answer? `true` when in doubt: a chunk that is skipped is never looked at. */
export type ChunkFilter = (chunk: Chunk) => boolean
const YES: ChunkFilter = () => true

/** Decides by the chunk's range of seq and time, and by the sets kept beside a sealed block. Throws when those are damaged. */
export function compileSkip(query: ResolvedQuery): ChunkFilter {
  switch (query.kind) {
    case 'and': {
      const terms = query.terms.map(compileSkip).filter((term) => term !== YES)
      return terms.length === 0 ? YES : (chunk) => terms.every((term) => term(chunk))
    }
    case 'or': {
      const terms = query.terms.map(compileSkip)
      return terms.includes(YES) ? YES : (chunk) => terms.some((term) => term(chunk))
    }
    case 'time': {
      const { fromMs = -Infinity, untilMs = Infinity } = query
      return (chunk) => chunk.maxMs >= fromMs && chunk.minMs < untilMs
    }
    case 'seq':
      return seqFilter(query)
    case 'ids': {
      const field = `${query.field}s` as const satisfies PresenceField
      const wanted = query.ids.toSorted((a, b) => a - b)
      return (chunk) => chunk.kind !== 'block' || hasAnyId(chunk.file.file.presence(chunk.id, field), wanted)
    }
    case 'field': {
      const { field, value } = query
      if (field !== 'app' || /[^\u0020-\u007e]/.test(value)) return YES
      const wanted = asciiLower(value)
      const isWanted = wanted.endsWith('*') ? (app: string): boolean => app.startsWith(wanted.slice(0, -1)) : (app: string): boolean => app === wanted
      return (chunk) => chunk.kind !== 'block' || decodeApps(chunk.file.file.presence(chunk.id, 'apps')).some(isWanted)
    }
    case 'all':
    case 'not':
    case 'text':
    case 'regex':
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
      return YES
  }
}

function seqFilter({ comparison, value }: Extract<ResolvedQuery, { kind: 'seq' }>): ChunkFilter {
  switch (comparison) {
    case '=':
      return (chunk) => chunk.firstSeq <= value && lastSeqOf(chunk) >= value
    case '<':
      return (chunk) => chunk.firstSeq < value
    case '<=':
      return (chunk) => chunk.firstSeq <= value
    case '>':
      return (chunk) => lastSeqOf(chunk) > value
    case '>=':
      return (chunk) => lastSeqOf(chunk) >= value
  }
}
