import { until } from '../test/support/child.ts'
import type { RunningHub } from '../test/support/hub.ts'
import { WITHIN_MS } from './outcome.ts'

const PATH = '/api/v1/store/jobs'

interface Job {
  readonly id: number
  readonly state: string
  readonly failure: string | null
  readonly result: Readonly<Record<string, unknown>> | null
}

/** Has the hub do a piece of work on its store, and waits for it. @throws Error when it fails */
export async function storeJob(hub: RunningHub, kind: 'compact' | 'check'): Promise<Readonly<Record<string, unknown>>> {
  const { id } = await hub.json<Job>(PATH, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ kind }) })
  const ended = async (): Promise<Job | false> => {
    const job = await hub.json<Job>(`${PATH}/${id}`)
    return job.state !== 'running' && job
  }
  const { state, failure, result } = await until(`${kind} of the store`, ended, { withinMs: WITHIN_MS, everyMs: 100 })
  if (state !== 'done') throw new Error(`${kind} of the store: ${state}, ${failure}`)
  return result ?? {}
}
