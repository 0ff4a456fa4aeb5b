import { Worker } from 'node:worker_threads'
import { AppFault } from '#domain/fault.ts'
import type { Metrics } from '#telemetry/index.ts'
import type { StudyAnswer, StudyQuestion, StudyReply } from './study-answer.ts'
import type { StudyData } from './threads/study.ts'

/** They read as fast as they can, and the disk is everybody's: of back-tests one at a time. */
export const MAX_STUDIES = 2
/** A thread that was told to stop and has not answered by then is ended. */
const CANCEL_GRACE_MS = 5000
const MAX_HEAP_MIB = 512
const MAX_YOUNG_MIB = 16

export interface StudyDeskOptions extends Pick<StudyData, 'databasePath' | 'logDirectory' | 'watermark' | 'directories' | 'routes'> {
  readonly metrics: Pick<Metrics, 'add' | 'measure'>
}
export interface Asked {
  /** Aborted: it answers with what it has found. */
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: { readonly done: number; readonly total: number }) => void) | undefined
}
export type StudyDesk = (question: StudyQuestion, asked: Asked) => Promise<StudyAnswer>

/** Looks at the past in a thread of its own that lives for one question. @throws AppFault `too-many` */
export function createStudyDesk({ metrics, ...place }: StudyDeskOptions): StudyDesk {
  const running: StudyQuestion['kind'][] = []
  metrics.measure('hps_rule_studies', () => running.length)
  return async (question, asked) => {
    const { kind } = question
    if (running.length >= MAX_STUDIES || running.includes(kind)) {
      metrics.add('hps_http_refused_total', { reason: 'rule-studies' })
      throw new AppFault('too-many', kind === 'noise' ? 'A report about noise is being made already' : 'A back-test is under way already: they run one at a time')
    }
    running.push(kind)
    try {
      return await ask({ ...place, question, cancel: new SharedArrayBuffer(4) }, asked)
    } finally {
      running.splice(running.indexOf(kind), 1)
    }
  }
}

async function ask(data: StudyData, { signal, onProgress }: Asked): Promise<StudyAnswer> {
  const worker = new Worker(new URL('./threads/study.ts', import.meta.url), { workerData: data, name: 'study', resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MIB, maxYoungGenerationSizeMb: MAX_YOUNG_MIB } })
  const { promise, resolve, reject } = Promise.withResolvers<StudyAnswer>()
  let grace: NodeJS.Timeout | undefined
  const cancel = (): void => {
    Atomics.store(new Int32Array(data.cancel), 0, 1)
    grace = setTimeout(() => reject(new AppFault('deadline', 'It did not stop when it was told to, and was ended')), CANCEL_GRACE_MS)
  }
  worker.on('message', (reply: StudyReply) => {
    if (reply.kind === 'progress') onProgress?.(reply)
    else resolve(reply)
  })
  worker.once('error', (cause) => reject(new AppFault('internal', `It ended by a fault: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })))
  worker.once('exit', () => reject(new AppFault('internal', 'The thread that looks at the past ended without an answer')))
  if (signal?.aborted === true) cancel()
  signal?.addEventListener('abort', cancel, { once: true })
  try {
    return await promise
  } finally {
    clearTimeout(grace)
    signal?.removeEventListener('abort', cancel)
    await worker.terminate()
  }
}
