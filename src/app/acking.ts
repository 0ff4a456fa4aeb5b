import type { LogsPart } from '#api/index.ts'
import type { SyslogConfig } from '#ingest/index.ts'
import type { ReaderClient } from '#store/index.ts'
import type { Logger } from '#telemetry/index.ts'
import { createAcks, type AckEvent } from './acks.ts'
import { createStoredAcks } from './acks-stored.ts'
import type { Names } from './names.ts'
import { createAcksPart } from './parts/acks.ts'
import type { Records } from './records.ts'
import type { WriterClient } from './threads/writer-client.ts'

/** Those who ask for keys that did not arrive have the writer write down when senders were last heard, this often at most. */
const FRESHEN_EVERY_MS = 1000

export interface AckingOptions {
  readonly reader: Pick<ReaderClient, 'search'>
  readonly records: Pick<Records, 'sources'>
  readonly writer: Pick<WriterClient, 'ask'>
  readonly names: Names
  readonly clock: () => number
  readonly log: Logger
  readonly deadlineMs: number
  readonly listeners: SyslogConfig['listeners']
}

/** "Did my log arrive?": the memory of keys, the store behind it, and the answers. */
export interface Acking {
  saw(event: AckEvent): void
  readonly ask: LogsPart['ack']
  /** Once everything is stored that an unclean end left: remembers the keys of the time before. Who asks meanwhile is answered by searches. */
  recall(): void
}

export function createAcking({ reader, records: { sources }, writer, names, clock, log, deadlineMs, listeners }: AckingOptions): Acking {
  const acks = createAcks(clock)
  const stored = createStoredAcks({ reader, source: sources.byId, clock })
  const secure = new Set(listeners.filter(({ tls }) => tls !== undefined).map(({ name }) => name))
  let freshMs = Number.NEGATIVE_INFINITY
  let freshening: Promise<unknown> = Promise.resolve()
  return {
    saw: acks.saw,
    ask: createAcksPart({
      acks, stored, names, clock, deadlineMs,
      isSecure: (listener) => secure.has(listener),
      sendersAt: (address) => sources.idsAt(address).flatMap((id) => sources.byId(id) ?? []),
      freshen() {
        if (clock() - freshMs >= FRESHEN_EVERY_MS) {
          freshMs = clock()
          freshening = writer.ask({ kind: 'flush' }).catch((fault: unknown) => log.debug({ err: fault }, 'Senders are shown as last written down'))
        }
        return freshening
      },
    }),
    recall: () =>
      void stored.recall(acks).then((reason) => {
        if (reason !== undefined) log.debug({ reason }, 'Keys of the time before the start are not all remembered; searches answer for them')
      }),
  }
}
