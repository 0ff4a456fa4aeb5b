import type { ResolvedQuery } from '../../query.ts'
import { asciiLower } from '../ascii-lower.ts'
import { decodeApps, hasAnyId, type PresenceField } from '../seal/version-1/presence.ts'
import { lastSeqOf, type Chunk } from './chunk.ts'

/** May the chunk hold an answer? `true` when in doubt: a chunk that is skipped is never looked at. */
export type ChunkFilter = (chunk: Chunk) => boolean
const YES: ChunkFilter = () => true

/** Decides by the chunk's range of seq and time, and by the sets kept beside a sealed block. Throws when those are damaged. */
export function compileSkip(query: ResolvedQuery): ChunkFilter {
  if (query.kind === 'and') return allOf(query.terms.map(compileSkip).filter((term) => term !== YES))
  if (query.kind === 'or') return anyOf(query.terms.map(compileSkip))
  if (query.kind === 'seq') return seqFilter(query)
  if (query.kind === 'ids') return idFilter(query)
  if (query.kind === 'field' && query.field === 'app') return appFilter(query.value)
  if (query.kind !== 'time') return YES
  const { fromMs = -Infinity, untilMs = Infinity } = query
  return (chunk) => chunk.maxMs >= fromMs && chunk.minMs < untilMs
}

const allOf = (terms: readonly ChunkFilter[]): ChunkFilter => (terms.length === 0 ? YES : (chunk) => terms.every((term) => term(chunk)))
const anyOf = (terms: readonly ChunkFilter[]): ChunkFilter => (terms.includes(YES) ? YES : (chunk) => terms.some((term) => term(chunk)))

function idFilter({ field, ids }: Extract<ResolvedQuery, { kind: 'ids' }>): ChunkFilter {
  const set = `${field}s` as const satisfies PresenceField
  const wanted = ids.toSorted((a, b) => a - b)
  return (chunk) => chunk.kind !== 'block' || hasAnyId(chunk.file.file.presence(chunk.id, set), wanted)
}

function appFilter(value: string): ChunkFilter {
  if (/[^\u0020-\u007e]/.test(value)) return YES
  const wanted = asciiLower(value)
  const isWanted = wanted.endsWith('*') ? (app: string): boolean => app.startsWith(wanted.slice(0, -1)) : (app: string): boolean => app === wanted
  return (chunk) => chunk.kind !== 'block' || decodeApps(chunk.file.file.presence(chunk.id, 'apps')).some(isWanted)
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
