import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { corpusMessages, lines, writeCorpusFile, type CorpusFile, type CorpusSpec } from './corpus.ts'

/**
 * The corpus of the search scenario: the reference corpus with marked messages, so that the right answer of every search is
 * known to the message. The facts are counted while the bytes are made and lie beside the file.
 */
export interface Facts {
  readonly messages: number
  /** Messages with `ONCE`, with `THRICE` and with `WORD` in their text. */
  readonly once: number
  readonly thrice: number
  readonly word: number
  /** Messages whose text `PATTERN` finds. */
  readonly pattern: number
  /** Messages by host name, which are the names of the nodes. */
  readonly nodes: Readonly<Record<string, number>>
}

export const ONCE = 'zq81tonce7'
export const THRICE = 'zq82tthrice3'
export const WORD = 'quokka'
export const WORD_EVERY = 100
/** Found in the rare messages only, so that everything has to be looked at. */
export const PATTERN = '[xyz]q[0-9]{2}t(once|thrice)[0-9]'
/** The node with exactly `NODE_ROWS` messages, fewer in a small corpus. */
export const NODE = 'tch-known'
const NODE_ROWS = 10_000
const NODE_SHARE = 10

/** Places of the rare tokens, as shares of the corpus. */
const ONCE_AT = 0.61
const THRICE_AT = [0.11, 0.52, 0.93]

export interface KnownCorpus extends CorpusFile { readonly facts: Facts }

/** `count` messages with every mark. */
export function knownCorpus(count: number): KnownCorpus {
  const nodeRows = Math.min(NODE_ROWS, Math.floor(count / NODE_SHARE))
  const isOfNode = (i: number): boolean => Math.floor(((i + 1) * nodeRows) / count) > Math.floor((i * nodeRows) / count)
  const once = Math.floor(count * ONCE_AT)
  const thrice = new Set(THRICE_AT.map((share) => Math.floor(count * share)))
  const mark = (i: number): string => (i === once ? ` token=${ONCE}` : thrice.has(i) ? ` token=${THRICE}` : '')
  return withFacts({ name: 'known', count, host: (i, node) => (isOfNode(i) ? NODE : `tch-${String(node).padStart(3, '0')}`), mark })
}

/** `count` messages of other nodes, without the rare tokens: what makes a store larger, and what is ingested while it is searched. */
export const fillerCorpus = (count: number): KnownCorpus => withFacts({ name: 'filler', count, host: (_, node) => `load-${String(node).padStart(3, '0')}`, mark: () => '' })

interface Marked { readonly name: string; readonly count: number; readonly host: (i: number, node: number) => string; readonly mark: (i: number) => string }
function withFacts({ name, count, host, mark }: Marked): KnownCorpus {
  const nodes: Record<string, number> = {}
  const counted = { messages: count, once: 0, thrice: 0, word: 0, pattern: 0 }
  const pattern = new RegExp(PATTERN)
  const suffix = (i: number): string => `${i % WORD_EVERY === 37 ? ` ${WORD}` : ''}${mark(i)}`
  const counting = function* (messages: Iterable<string>): Generator<string> {
    let left = count
    for (const message of messages) {
      if (left-- === 0) return
      if (message.includes(ONCE)) counted.once++
      if (message.includes(THRICE)) counted.thrice++
      if (message.includes(` ${WORD}`)) counted.word++
      if (pattern.test(message)) counted.pattern++
      yield message
    }
  }
  const countedHost = (i: number, node: number): string => {
    const chosen = host(i, node)
    nodes[chosen] = (nodes[chosen] ?? 0) + (i < count ? 1 : 0)
    return chosen
  }
  const spec: CorpusSpec = { name, version: 1, count, frames: (startMs) => lines(counting(corpusMessages(startMs, { host: countedHost, suffix }))) }
  const file = writeCorpusFile(spec)
  const path = `${file.path}.facts.json`
  if (existsSync(path)) return { ...file, facts: JSON.parse(readFileSync(path, 'utf8')) as Facts }
  if (Object.keys(nodes).length === 0) {
    // the bytes are there and were not counted: a run was ended between the two
    rmSync(file.path)
    return withFacts({ name, count, host, mark })
  }
  const facts: Facts = { ...counted, nodes }
  writeFileSync(path, JSON.stringify(facts))
  return { ...file, facts }
}

/** The facts of one corpus followed by another, `times` over. */
export function addFacts(first: Facts, more: Facts, times: number): Facts {
  const sum = (key: 'messages' | 'once' | 'thrice' | 'word' | 'pattern'): number => first[key] + times * more[key]
  const nodes: Record<string, number> = { ...first.nodes }
  for (const [name, rows] of Object.entries(more.nodes)) nodes[name] = (nodes[name] ?? 0) + times * rows
  return { messages: sum('messages'), once: sum('once'), thrice: sum('thrice'), word: sum('word'), pattern: sum('pattern'), nodes }
}
