import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { faultList, FORMATS } from '#domain/message.ts'
import type { Outcome, Work } from '../fixtures/ingest/mutated-run.ts'

const INPUTS = 10_000_000
const THREADS = Math.min(2, availableParallelism())

async function runWorker(work: Work): Promise<Outcome> {
  const worker = new Worker(new URL('./ingest-millions.worker.ts', import.meta.url), { workerData: work, execArgv: [] })
  const [outcome] = (await once(worker, 'message')) as [Outcome]
  return outcome
}

test('ten million mutated inputs are read without a throw, with every span inside its frame and nothing taken from beyond it', async () => {
  const startedMs = performance.now()
  const outcomes = await Promise.all(Array.from({ length: THREADS }, (_, thread) => runWorker({ seed: 40 + thread, inputs: INPUTS / THREADS })))
  expect(outcomes.flatMap(({ problem }) => problem ?? [])).toEqual([])
  const sum = (pick: (outcome: Outcome) => number) => outcomes.reduce((total, outcome) => total + pick(outcome), 0)
  const byFormat = FORMATS.map((format, index) => `${format} ${sum(({ formats }) => formats[index]!).toLocaleString('en')}`)
  const deviations = faultList(outcomes.reduce((bits, { faults }) => bits | faults, 0))
  expect(sum(({ inputs }) => inputs)).toBe(INPUTS)
  console.log(
    `proof: ${INPUTS.toLocaleString('en')} mutated inputs (${Math.round(sum(({ bytes }) => bytes) / 1e6)} MB) in ${((performance.now() - startedMs) / 1000).toFixed(0)} s, ` +
      `${sum(({ twice }) => twice).toLocaleString('en')} of them twice in other surroundings: no throw, all in bounds; ${byFormat.join(', ')}; ${deviations.length} deviations met`,
  )
})
