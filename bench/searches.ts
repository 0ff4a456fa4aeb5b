import type { MessageView } from '../src/api/parts.ts'
import { sumOf, type RunningHub } from '../test/support/hub.ts'
import { countOf } from './count.ts'
import { NODE, ONCE, PATTERN, THRICE, WORD, type Facts } from './load/known.ts'
import { everyMessage } from './verify.ts'

/** One search of the figures: what is asked, how fast it should be, and what is wrong with an answer. */
export interface SearchCase {
  readonly id: string
  readonly what: string
  readonly aimMs: number
  /** @returns what is wrong with the answer; undefined when it is right */
  readonly run: (hub: RunningHub, facts: Facts) => Promise<string | undefined>
}

const PAGE = 1000
const NEWEST = 100

const wrong = (what: string, got: number, wanted: number): string | undefined => (got === wanted ? undefined : `${what}: ${got}, not ${wanted}`)

/** Every message of a query has to hold `fits`; `wanted` of them have to be there. */
async function exactly(hub: RunningHub, query: string, { wanted, fits }: { readonly wanted: number; readonly fits: (message: MessageView) => boolean }): Promise<string | undefined> {
  const found = await hub.search(query, { limit: PAGE })
  const misfit = found.find((message) => !fits(message))
  return misfit === undefined ? wrong(query, found.length, wanted) : `${query}: seq ${misfit.seq} does not match`
}

async function wholeNode(hub: RunningHub, facts: Facts): Promise<string | undefined> {
  const seqs = new Set<number>()
  for await (const { seq, node } of everyMessage(hub, `node:${NODE}`)) {
    if (node !== NODE) return `seq ${seq} is of ${node}`
    if (seqs.has(seq)) return `seq ${seq} came twice`
    seqs.add(seq)
  }
  return wrong('rows of the node', seqs.size, facts.nodes[NODE] ?? 0)
}

async function newestOfWord(hub: RunningHub, facts: Facts): Promise<string | undefined> {
  const found = await hub.search(WORD, { limit: NEWEST })
  const isDescending = found.every(({ seq }, i) => i === 0 || seq < found[i - 1]!.seq)
  if (!isDescending || found.some(({ text }) => !text.includes(WORD))) return 'the newest are out of order, or do not match'
  return wrong('newest of the word', found.length, Math.min(NEWEST, facts.word))
}

async function everyNode(hub: RunningHub, facts: Facts): Promise<string | undefined> {
  const { groups } = await countOf(hub, '*', 'node')
  // what is ingested meanwhile belongs to other nodes
  for (const [node, rows] of Object.entries(facts.nodes)) {
    const counted = groups.get(node) ?? 0
    if (node.startsWith('load-') ? counted < rows : counted !== rows) return `${node}: ${counted}, not ${rows}`
  }
  return undefined
}

export const SEARCH_CASES: readonly SearchCase[] = [
  { id: 'rare', what: 'a rare token (once)', aimMs: 25, run: (hub, { once }) => exactly(hub, ONCE, { wanted: once, fits: ({ text }) => text.includes(ONCE) }) },
  { id: 'rare-3', what: 'a rare token (three times)', aimMs: 25, run: (hub, { thrice }) => exactly(hub, THRICE, { wanted: thrice, fits: ({ text }) => text.includes(THRICE) }) },
  { id: 'none', what: 'a token that is nowhere', aimMs: 25, run: (hub) => exactly(hub, 'zq83tnowhere1', { wanted: 0, fits: () => false }) },
  { id: 'node', what: 'one node, all its rows, counted', aimMs: 25, run: async (hub, { nodes }) => wrong('rows', (await countOf(hub, `node:${NODE}`)).total, nodes[NODE]!) },
  { id: 'node-page', what: 'one node, its newest 1,000 rows', aimMs: 25, run: (hub, { nodes }) => exactly(hub, `node:${NODE}`, { wanted: Math.min(PAGE, nodes[NODE]!), fits: ({ node }) => node === NODE }) },
  { id: 'node-rows', what: 'one node, all its rows, read page by page', aimMs: 25, run: wholeNode },
  { id: 'newest', what: 'newest 100 with a word found in 1 %', aimMs: 5, run: newestOfWord },
  { id: 'regex', what: 'a regular expression over everything', aimMs: 1500, run: (hub, { pattern }) => exactly(hub, `/${PATTERN}/`, { wanted: pattern, fits: ({ text }) => new RegExp(PATTERN).test(text) }) },
  { id: 'by-node', what: 'count by node', aimMs: 100, run: everyNode },
]

export interface SearchTimes {
  readonly id: string
  readonly millis: readonly number[]
  /** What the hub's readers spent on one, by their own counter. */
  readonly storeMillis: number
  readonly faults: readonly string[]
}

/** Runs a case `runs` times; each answer is checked. */
export async function timeCase(hub: RunningHub, { search, facts, runs }: { readonly search: SearchCase; readonly facts: Facts; readonly runs: number }): Promise<SearchTimes> {
  const millis: number[] = []
  const faults: string[] = []
  const before = await spentSeconds(hub)
  for (let i = 0; i < runs; i++) {
    const startMs = performance.now()
    const fault = await search.run(hub, facts)
    millis.push(performance.now() - startMs)
    if (fault !== undefined) faults.push(fault)
  }
  return { id: search.id, millis, storeMillis: (((await spentSeconds(hub)) - before) * 1000) / runs, faults }
}

const spentSeconds = async (hub: RunningHub): Promise<number> => sumOf(await hub.metrics(), 'hps_store_search_seconds_total')
