/** A search as data. Text form and grammar: docs/reference/query.md. Parsing and printing are in `query/`; this file is the tree. */
export type Query =
  | { readonly kind: 'all' }
  | { readonly kind: 'and'; readonly terms: readonly Query[] }
  | { readonly kind: 'or'; readonly terms: readonly Query[] }
  | { readonly kind: 'not'; readonly term: Query }
  /**
   * A word or phrase that the text contains, letters A–Z compared without case, as whole tokens (domain/tokens.ts): `link`
   * is not found in `link_up` or `links`. `open` says at which end a token may go on: `link*` is open at the end.
   */
  | { readonly kind: 'text'; readonly text: string; readonly open?: TextOpening }
  | { readonly kind: 'regex'; readonly pattern: string }
  /** `app:kernel`, `host:…`, `procid:…`, `msgid:…`: equal, without case; a trailing `*` makes it a prefix. */
  | { readonly kind: 'field'; readonly field: 'app' | 'host' | 'procid' | 'msgid'; readonly value: string }
  | { readonly kind: 'name'; readonly field: 'node' | 'session' | 'source'; readonly value: string }
  | { readonly kind: 'severity'; readonly comparison: Comparison; readonly code: number }
  | { readonly kind: 'facility'; readonly code: number }
  | { readonly kind: 'seq'; readonly comparison: Comparison; readonly value: number }
  /** Receive time, epoch milliseconds, `fromMs <= t < untilMs`. */
  | { readonly kind: 'time'; readonly fromMs: number | undefined; readonly untilMs: number | undefined }

/** Where the text of a term may lie inside a longer token; none: its first and last token are whole. */
export type TextOpening = 'start' | 'end' | 'both'

/** `<=` of severities compares codes: `severity:<=warning` is warning and everything more important. */
export type Comparison = '=' | '<' | '<=' | '>' | '>='

/** The same tree with names resolved to ids (aliases followed); what the store understands. */
export type ResolvedQuery =
  | { readonly kind: 'all' }
  | { readonly kind: 'and'; readonly terms: readonly ResolvedQuery[] }
  | { readonly kind: 'or'; readonly terms: readonly ResolvedQuery[] }
  | { readonly kind: 'not'; readonly term: ResolvedQuery }
  | Exclude<Query, { kind: 'all' | 'and' | 'or' | 'not' | 'name' }>
  | { readonly kind: 'ids'; readonly field: 'node' | 'session' | 'source'; readonly ids: readonly number[] }
