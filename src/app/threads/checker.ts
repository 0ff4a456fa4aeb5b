import { parentPort, workerData } from 'node:worker_threads'
import { checkStore, type CheckReport, type WatermarkShared } from '#store/index.ts'
import { yieldToOthers } from './yield-to.ts'

/** Thread entry: proves the whole store once, and ends. Reads like any reader, behind everyone else. */
export interface CheckerData {
  readonly directory: string
  readonly databasePath: string
  readonly watermark: WatermarkShared
}
export type CheckerEvent = { readonly kind: 'progress'; readonly done: number; readonly total: number } | { readonly kind: 'done'; readonly report: CheckReport }

/** Progress is told this often at most. */
const TELL_EVERY_MS = 200

yieldToOthers(19)
const { directory, databasePath, watermark } = workerData as CheckerData
const tell = (event: CheckerEvent): void => parentPort!.postMessage(event)
let toldMs = 0
const report = checkStore({
  directory, databasePath, watermark,
  onProgress({ doneRows, totalRows }) {
    if (performance.now() - toldMs < TELL_EVERY_MS) return
    toldMs = performance.now()
    tell({ kind: 'progress', done: doneRows, total: totalRows })
  },
})
tell({ kind: 'done', report })
