import type { Logger } from '#telemetry/index.ts'

/** A disk that is nearly full takes small batches and refuses large ones: it counts as well when it has refused nothing for this long. */
const CALM_MS = 5000
/** While it refuses, this often a line says so; being a message itself, it also finds out whether the disk is well again when nobody else sends. */
const REMIND_EVERY_MS = 10_000

/** Whether the log writer's disk takes messages; said when it changes, not for every batch. */
export interface DiskWatch {
  failed(reason: string, rows: number): void
  committed(): void
  /** To be called about once a second. */
  tick(): void
  /** undefined while the disk is well. */
  readonly fault: string | undefined
}

export function createDiskWatch({ log, elapsedMs }: { readonly log: Logger; readonly elapsedMs: () => number }): DiskWatch {
  let fault: string | undefined
  let refusedRows = 0
  let failedAtMs = 0
  let toldAtMs = 0
  return {
    failed(reason, rows) {
      failedAtMs = elapsedMs()
      refusedRows += rows
      if (fault === undefined) {
        toldAtMs = failedAtMs
        log.error({ reason, rows }, 'The disk refused messages')
      }
      fault = reason
    },
    committed() {
      if (fault === undefined || elapsedMs() - failedAtMs < CALM_MS) return
      log.info({ refused: refusedRows }, 'The disk takes messages again')
      fault = undefined
      refusedRows = 0
    },
    tick() {
      if (fault === undefined || elapsedMs() - toldAtMs < REMIND_EVERY_MS) return
      toldAtMs = elapsedMs()
      log.warn({ reason: fault, refused: refusedRows }, 'The disk refused messages; trying it again')
    },
    get fault() {
      return fault
    },
  }
}
