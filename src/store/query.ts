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
  /** `app:kernel`, `host:…`, `procid:…`, `msgid:…`, `label:…`: equal, without case; a trailing `*` makes it a prefix. */
  | { readonly kind: 'field'; readonly field: 'app' | 'host' | 'procid' | 'msgid' | 'label'; readonly value: string }
  | { readonly kind: 'name'; readonly field: 'node' | 'session' | 'source'; readonly value: string }
  | { readonly kind: 'severity'; readonly comparison: Comparison; readonly code: number }
  | { readonly kind: 'facility'; readonly code: number }
  | { readonly kind: 'seq'; readonly comparison: Comparison; readonly value: number }
  /** A PROCID of digits as a number; equality is a `field`. */
  | { readonly kind: 'procid'; readonly comparison: Comparison; readonly value: number }
  /** 0–100: how sure the hub is of the node. */
  | { readonly kind: 'confidence'; readonly comparison: Comparison; readonly value: number }
  /** Places in FORMATS, PARSE_FAULTS and IDENTITY_METHODS (domain/message.ts). */
  | { readonly kind: 'format'; readonly code: number }
  | { readonly kind: 'fault'; readonly code: number }
  | { readonly kind: 'method'; readonly code: number }
  /** The shape of the message: its 64-bit hash in two halves. */
  | { readonly kind: 'template'; readonly hi: number; readonly lo: number }
  | ParamQuery
  /** Receive time, epoch milliseconds, `fromMs <= t < untilMs`. */
  | { readonly kind: 'time'; readonly fromMs: number | undefined; readonly untilMs: number | undefined }
  /** Receive time counted from the opening of the message's own boot session, milliseconds, `fromMs <= t < untilMs`. */
  | { readonly kind: 'boot-time'; readonly fromMs: number | undefined; readonly untilMs: number | undefined }

/**
 * A parameter of the structured data (RFC 5424 section 6.3; without `sdId` of any element), or a field of the text (`domain/fields`:
 * JSON, CEF, LEEF, logfmt …), whose name may be a path with dots. Names are compared as written.
 */
export interface ParamName { readonly place: 'sd' | 'body'; readonly name: string; readonly sdId?: string | undefined }

/**
 * Numbers on both sides are compared as numbers; all else is equal, A–Z without case, or begins so (`open`). What is not
 * there answers nothing; an open empty value is everything that is there.
 */
export interface ParamQuery extends ParamName {
  readonly kind: 'param'
  readonly comparison: Comparison
  readonly value: string
  readonly open?: 'end'
}

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
  | Exclude<Query, { kind: 'all' | 'and' | 'or' | 'not' | 'name' | 'boot-time' }>
  /** What `boot-time` became: messages of a session in its own range, epoch milliseconds. */
  | { readonly kind: 'session-times'; readonly spans: readonly SessionSpan[] }
  | { readonly kind: 'ids'; readonly field: 'node' | 'session' | 'source'; readonly ids: readonly number[] }

export interface SessionSpan { readonly id: number; readonly fromMs: number; readonly untilMs: number }
