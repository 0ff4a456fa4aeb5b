import type { MessageView } from '../src/api/parts.ts'
import type { RunningHub } from '../test/support/hub.ts'
import { corpusStartMs, type CorpusSpec } from './load/corpus.ts'

/**
 * The naive cross-check: every message of a numbered corpus is asked for, page by page, and compared with what was sent.
 * It shares nothing with the store: a number that is missing, twice, out of order or with another text is a fault.
 */
export interface Verdict {
  readonly sent: number
  readonly read: number
  readonly missing: number
  readonly twice: number
  /** Messages that came before their predecessor on the same connection. */
  readonly disordered: number
  readonly altered: number
  /** The first few, by number. */
  readonly examples: readonly string[]
}

/** What makes the end of message `i` of a numbered corpus. */
export const numbering = (i: number): string => ` run=${i}.`
const NUMBER = /run=(\d+)\./g
const PAGE = 1000
const EXAMPLES = 5

/** @param times how often the corpus was sent, over one connection */
export async function verifyStored(hub: RunningHub, { corpus, times }: { readonly corpus: CorpusSpec; readonly times: number }): Promise<Verdict> {
  const frames = firstOf(corpus)
  const seen = new Uint32Array(corpus.count)
  const examples: string[] = []
  const tell = (text: string): void => void (examples.length < EXAMPLES && examples.push(text))
  let [read, disordered, altered, strange, last, lastSeq] = [0, 0, 0, 0, -1, 0]
  for await (const { text, seq } of everyMessage(hub, 'run')) {
    const number = numberIn(text)
    if (number === undefined || number >= corpus.count) {
      strange++
      tell(`seq ${seq} has a number that was never sent: ${text.slice(-40)}`)
      continue
    }
    read++
    seen[number]!++
    if ((last + 1) % corpus.count > number && number !== 0) tell(`seq ${seq}: ${number} follows ${last}`)
    if (seq <= lastSeq || (number <= last && !(number === 0 && last === corpus.count - 1))) disordered++
    if (!frames[number]!.includes(text) && !frames[number]!.includes(JSON.stringify(text).slice(1, -1))) {
      altered++
      tell(`seq ${seq}: the text of ${number} is ${text.slice(0, 120)}`)
    }
    ;[last, lastSeq] = [number, seq]
  }
  const missing = seen.reduce((sum, count) => sum + Math.max(0, times - count), 0)
  const twice = seen.reduce((sum, count) => sum + Math.max(0, count - times), 0) + strange
  for (const [number, count] of seen.entries()) if (count !== times) tell(`${number} is there ${count} times, not ${times}`)
  return { sent: corpus.count * times, read, missing, twice, disordered, altered, examples }
}

export const isSound = ({ sent, read, missing, twice, disordered, altered }: Verdict): boolean => read === sent && missing + twice + disordered + altered === 0

export const verdictText = ({ sent, read, missing, twice, disordered, altered, examples }: Verdict): string =>
  `${read} of ${sent} read back, ${missing} missing, ${twice} twice, ${disordered} out of order, ${altered} altered${examples.length === 0 ? '' : `: ${examples.join('; ')}`}`

function firstOf({ frames, count }: CorpusSpec): string[] {
  const sent: string[] = []
  for (const frame of frames(corpusStartMs())) if (sent.push(frame) === count) break
  return sent
}

const numberIn = (text: string): number | undefined => {
  const found = [...text.matchAll(NUMBER)].at(-1)?.[1]
  return found === undefined ? undefined : Number(found)
}

interface Page { readonly messages: readonly MessageView[]; readonly cursor: string | null; readonly complete: boolean }

/** All messages of a query, oldest first, a page in memory at a time. @throws Error when a page is not complete */
export async function* everyMessage(hub: RunningHub, query: string): AsyncGenerator<MessageView> {
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page: Page = await hub.json<Page>(`/api/v1/logs?${new URLSearchParams({ q: query, limit: String(PAGE), order: 'oldest', ...(cursor === undefined ? {} : { cursor }) }).toString()}`)
    if (!page.complete) throw new Error(`the search ${query} was not complete`)
    yield* page.messages
    cursor = page.cursor
  }
}
