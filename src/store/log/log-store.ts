import type { LogStore } from '../port.ts'
import { createLogKeeper, type LogKeeperOptions } from './keeper.ts'
import { openLogReader } from './read/reader.ts'
import { openLogAppender, type LogAppenderOptions, type SegmentAppender } from './segments/appender.ts'

export type LogStoreOptions = LogAppenderOptions & Omit<LogKeeperOptions, 'watermark' | 'counters'>

/** The whole store in one thread, for tests and tools; the hub puts appender, keeper and readers on threads of their own. */
export function openLogStore(options: LogStoreOptions): LogStore & { readonly writer: SegmentAppender; compact(options: { readonly nowMs: number }): void } {
  const writer = openLogAppender(options)
  const { directory, clock, retentionMs } = options
  const { watermark } = writer
  const keeper = createLogKeeper({ ...options, directory, clock, retentionMs, watermark, counters: { add() {}, set() {} } })
  const reader = openLogReader({ directory, watermark, clock })
  return {
    writer,
    reader,
    maintain(request) {
      writer.rotate()
      return keeper.maintain(request)
    },
    compact(request) {
      writer.rotate()
      keeper.maintain(request)
      for (let step = keeper.compact(Infinity); step.isMore && step.isPostponed !== true; step = keeper.compact(Infinity));
    },
    close() {
      writer.close()
      reader.close()
    },
  }
}
