import type { RunningHub } from '../test/support/hub.ts'

const PATH = '/api/v1/logs/count'

export interface Counted {
  readonly total: number
  readonly groups: ReadonlyMap<string, number>
}

interface CountView {
  readonly total: number
  readonly complete: boolean
  /** `null`: the messages that have none. */
  readonly groups: readonly { readonly keys: readonly (string | null)[]; readonly count: number }[]
}

/** How many messages match, and how many of each value of `by`. @throws Error when the answer is not complete */
export async function countOf(hub: RunningHub, query: string, by?: string): Promise<Counted> {
  const answer = await hub.json<CountView>(`${PATH}?${new URLSearchParams({ q: query, ...(by === undefined ? {} : { by, limit: '1000' }) }).toString()}`)
  if (!answer.complete) throw new Error(`the count of ${query} was not complete`)
  return { total: answer.total, groups: new Map(answer.groups.map(({ keys, count }) => [keys[0] ?? '', count])) }
}
