import type { Batch } from '#domain/batch.ts'
import { isTokenByte, tokenHash } from '#domain/tokens.ts'
import type { ResolvedQuery } from '#store/index.ts'

/**
 * With hundreds of tails, most queries have nothing to do with most messages. A query that can only match messages that
 * hold one of a few things (a word, a node, a session, a source, a program) is only asked about those; a row is looked at
 * once for all queries, not once for each.
 */
export interface Gate<T> {
  /** Calls `visit` for each that row `row` may concern, each once. */
  forEach(batch: Batch, row: number, visit: (item: T) => void): void
}

/** One of these must be there. `token` and `app` are hashes of `tokenHash`. */
export type Clue = { readonly kind: 'token' | 'app' | 'node' | 'session' | 'source'; readonly value: number }

/** More would cost every row more than it saves the query. */
const MAX_CLUES = 64
const ASCII_TOKENS = /[0-9A-Za-z_\u0080-\uffff]+/g

/** What a message must have one of to answer the query; undefined: nothing is known. */
export function cluesOf(query: ResolvedQuery): readonly Clue[] | undefined {
  if (query.kind === 'text') return textClue(query)
  if (query.kind === 'ids') return query.ids.length > MAX_CLUES ? undefined : query.ids.map((value) => ({ kind: query.field, value }))
  if (query.kind === 'field') return query.field === 'app' && isAscii(query.value) && !query.value.endsWith('*') ? [{ kind: 'app', value: hashOf(query.value) }] : undefined
  if (query.kind !== 'and' && query.kind !== 'or') return undefined
  const all = query.terms.map(cluesOf)
  const known = all.filter((clues) => clues !== undefined)
  // of terms that must all hold, the one with the fewest, and a word before a program: it is in fewer messages
  if (query.kind === 'and') return known.toSorted((a, b) => a.length - b.length || rank(a) - rank(b))[0]
  return known.length < all.length || known.flat().length > MAX_CLUES ? undefined : known.flat()
}

const rank = (clues: readonly Clue[]): number => (clues[0]?.kind === 'app' ? 1 : 0)

/** The longest word of a phrase that is a whole token of every text that holds the phrase. */
function textClue({ text, open }: Extract<ResolvedQuery, { kind: 'text' }>): readonly Clue[] | undefined {
  let best = ''
  for (const { 0: word, index } of text.matchAll(ASCII_TOKENS)) {
    const mayBegin = index > 0 || (open !== 'start' && open !== 'both')
    const mayEnd = index + word.length < text.length || (open !== 'end' && open !== 'both')
    if (mayBegin && mayEnd && isAscii(word) && word.length > best.length) best = word
  }
  return best === '' ? undefined : [{ kind: 'token', value: hashOf(best) }]
}

// oxlint-disable-next-line no-control-regex -- the range is the meaning
const isAscii = (text: string): boolean => /^[\u0000-\u007f]*$/.test(text)
const hashOf = (text: string): number => {
  const bytes = Buffer.from(text, 'latin1')
  return tokenHash(bytes, 0, bytes.length)
}

/** @param clues of each item; an item without any is visited for every row */
export function createGate<T>(items: readonly T[], clues: (item: T) => readonly Clue[] | undefined): Gate<T> {
  const byKind = { token: new Map<number, T[]>(), app: new Map<number, T[]>(), node: new Map<number, T[]>(), session: new Map<number, T[]>(), source: new Map<number, T[]>() }
  const always: T[] = []
  for (const item of items) {
    const found = clues(item)
    if (found === undefined) always.push(item)
    for (const { kind, value } of found ?? []) {
      const list = byKind[kind].get(value)
      if (list === undefined) byKind[kind].set(value, [item])
      else if (list.at(-1) !== item) list.push(item)
    }
  }
  const { token, app, node, session, source } = byKind
  const met = new Set<T>()
  return {
    forEach(batch, row, visit) {
      met.clear()
      const meet = (list: readonly T[] | undefined): void => {
        if (list === undefined) return
        for (const item of list) {
          if (met.has(item)) continue
          met.add(item)
          visit(item)
        }
      }
      for (const item of always) visit(item)
      if (node.size > 0) meet(node.get(batch.node[row]!))
      if (session.size > 0) meet(session.get(batch.session[row]!))
      if (source.size > 0) meet(source.get(batch.source[row]!))
      if (app.size > 0 && batch.appLen[row]! > 0) {
        const start = batch.frameStart[row]! + batch.appOff[row]!
        meet(app.get(tokenHash(batch.bytes, start, start + batch.appLen[row]!)))
      }
      if (token.size > 0) {
        const start = batch.frameStart[row]! + batch.textOff[row]!
        forEachToken(batch.bytes, start, start + batch.textLen[row]!, (hash) => meet(token.get(hash)))
      }
    },
  }
}

function forEachToken(bytes: Uint8Array, from: number, to: number, visit: (hash: number) => void): void {
  for (let at = from; at < to; at++) {
    if (!isTokenByte(bytes[at]!)) continue
    const start = at
    while (at < to && isTokenByte(bytes[at]!)) at++
    visit(tokenHash(bytes, start, at))
  }
}
