import { formatBytes } from '#base/bytes.ts'
import type { KeeperReport, KeeperState } from '#store/index.ts'
import type { Health, Logger } from '#telemetry/index.ts'
import type { SealerEvent } from './threads/sealer.ts'

/**
 * What the keeper of the store says, as log lines and health checks: `seal` (sealing and retention), `space` and `damage`.
 * What stays as it is is logged once, not every minute.
 */
export function createKeeperWatch({ log, health }: { readonly log: Logger; readonly health: Health }): { on(event: SealerEvent): void } {
  let fault: string | undefined
  let state: KeeperState | undefined
  let told = new Set<string>()
  const warn = (reason: string | undefined) => (reason === undefined ? ({ status: 'pass' } as const) : ({ status: 'warn', reason } as const))
  health.register('seal', () => warn(fault ?? state?.troubles[0] ?? (state?.ageHeld === undefined ? undefined : `nothing is removed by age: ${state.ageHeld}`)))
  health.register('space', () => warn(state === undefined ? undefined : spaceFault(state)))
  health.register('damage', () => warn(state === undefined ? undefined : damageFault(state)))

  /** Logs what was not so in the round before. */
  const tellNew = (now: readonly { readonly what: string; tell(): void }[]): void => {
    for (const { what, tell } of now) if (!told.has(what)) tell()
    told = new Set(now.map(({ what }) => what))
  }

  function onReport({ sealedSegments, sealedRows, removals, damaged, state: now }: KeeperReport): void {
    state = now
    if (sealedSegments > 0) log.info({ segments: sealedSegments, messages: sealedRows }, 'Segments sealed')
    for (const { name, bytes, reason } of removals) {
      if (reason === 'age') log.info({ file: name, bytes }, 'Old messages removed')
      else log.error({ file: name, bytes, limit: reason }, 'Messages removed before their time: the store has no room')
    }
    const space = spaceFault(now)
    tellNew([
      ...damaged.map((what) => ({ what, tell: () => log.error({ what }, 'Store damaged') })),
      ...now.troubles.map((what) => ({ what, tell: () => log.error({ what }, 'The store could not be kept; trying again') })),
      ...(now.ageHeld === undefined ? [] : [{ what: now.ageHeld, tell: () => log.error({ reason: now.ageHeld }, 'Nothing is removed by age') }]),
      ...(space === undefined ? [] : [{ what: now.space.reason!, tell: () => log.warn({ reason: space }, 'The store has no room') }]),
    ])
  }

  return {
    on(event) {
      if (event.kind === 'failed') {
        if (fault === undefined) log.error({ reason: event.reason }, 'The store could not be kept; trying again')
        fault = event.reason
      } else if (event.kind === 'maintained') {
        fault = undefined
        onReport(event.report)
      }
    },
  }
}

/** Which limit is passed, with the figures; undefined when there is room. */
export function spaceFault({ space, disk }: KeeperState): string | undefined {
  if (space.reason === undefined || disk === undefined) return undefined
  const figures = space.reason === 'max-size' ? `the log takes ${formatBytes(disk.usedBytes)}, store.max_size is ${formatBytes(disk.maxBytes)}` : `${formatBytes(disk.freeBytes)} are free, store.min_free is ${formatBytes(disk.minFreeBytes)}`
  return space.held === 'only-newest-left' ? `${figures}, and only the newest file is left` : figures
}

function damageFault({ losses }: KeeperState): string | undefined {
  const open = losses.filter(({ accepted }) => accepted === null)
  if (open.length === 0) return undefined
  return `${open.length === 1 ? 'a damaged file is' : `${open.length} damaged files are`} set aside, messages may be missing: ${open.map(({ name }) => name).slice(0, 3).join(', ')}; see hps store stats`
}
