import { until } from '../../test/support/child.ts'
import type { RunningHub } from '../../test/support/hub.ts'
import { diskUse, type DiskUse } from '../disk-use.ts'
import { referenceCorpus, writeCorpusFile } from '../load/corpus.ts'
import { costBetween } from '../measure.ts'
import { send, untilCountable, WITHIN_MS } from '../outcome.ts'
import type { Figure, Scenario } from '../part.ts'
import { startHubReceiver } from '../peers/hub.ts'
import { isSound, numbering, verdictText, verifyStored } from '../verify.ts'

const FULL_SIZE = 2_000_000
const COMPACT = '/api/v1/store/compact'
const SEALED_AIM = 15
const COMPACTED_AIM = 12

/** Bytes on disk per message of the reference corpus, the whole data folder and log/ alone, as first sealed and after compaction. */
export const DISK: Scenario = {
  name: 'disk',
  async run({ options, say }) {
    const corpus = referenceCorpus(options.loadMessages, options.verify ? numbering : undefined)
    const messages = corpus.count * options.sustainedTimes
    const receiver = await startHubReceiver()
    try {
      await send('send-tcp.ts', [receiver.tcpPort!, writeCorpusFile(corpus).path, options.sustainedTimes])
      await untilCountable(receiver, messages)
      await until('everything to be sealed', receiver.sealed!, { withinMs: WITHIN_MS })
      const sealed = diskUse(receiver.hub.data)
      const before = receiver.cost()
      const startMs = performance.now()
      const isCompacted = await compact(receiver.hub)
      const wallSeconds = (performance.now() - startMs) / 1000
      const cost = costBetween(before, receiver.cost())
      const compacted = isCompacted ? diskUse(receiver.hub.data) : undefined
      say(`disk: ${perMessage(sealed, messages)} as first sealed, ${compacted === undefined ? `compaction not available: no POST ${COMPACT}` : `${perMessage(compacted, messages)} compacted`}`)
      const verdict = options.verify ? await verifyStored(receiver.hub, { corpus, times: options.sustainedTimes }) : undefined
      const found = await receiver.hub.search('*', { limit: 1, order: 'oldest' })
      return {
        figures: [
          judge({ id: 'disk', what: 'bytes on disk per message, as first sealed', aim: SEALED_AIM, messages }, sealed),
          judge({ id: 'disk-compacted', what: 'bytes on disk per message, after compaction', aim: COMPACTED_AIM, messages }, compacted),
        ],
        checks: [
          { what: 'disk: what is stored can be searched', ok: found.length === 1 },
          { what: `disk: the kinds of bytes are known (${Object.keys(sealed.kinds).length})`, ok: Object.values(sealed.kinds).every((bytes) => bytes >= 0) && Object.keys(sealed.kinds).length > 3 },
          ...(compacted === undefined ? [] : [{ what: `disk: compaction makes no larger (${compacted.logBytes} of ${sealed.logBytes})`, ok: compacted.logBytes <= sealed.logBytes }]),
          ...(verdict === undefined ? [] : [{ what: `disk: ${compacted === undefined ? 'as sealed' : 'after compaction'}, ${verdictText(verdict)}`, ok: isSound(verdict) }]),
        ],
        details: { messages, sealed, compacted, compaction: isCompacted ? { wallSeconds, cost } : undefined },
      }
    } finally {
      await receiver.stop()
    }
  },
}

/** @returns whether this hub can be told to compact */
async function compact(hub: RunningHub): Promise<boolean> {
  const { paths } = await hub.json<{ paths: Readonly<Record<string, unknown>> }>('/api/v1/openapi.json')
  if (!(COMPACT in paths)) return false
  const response = await hub.get(COMPACT, { method: 'POST', signal: AbortSignal.timeout(WITHIN_MS) })
  if (!response.ok) throw new Error(`${COMPACT}: ${response.status} ${await response.text()}`)
  await response.text()
  return true
}

const perMessage = ({ totalBytes, logBytes }: DiskUse, messages: number): string => `${(totalBytes / messages).toFixed(2)} B/message (log/ alone ${(logBytes / messages).toFixed(2)})`

interface Aim { readonly id: string; readonly what: string; readonly aim: number; readonly messages: number }
function judge({ id, what, aim, messages }: Aim, use: DiskUse | undefined): Figure {
  const reach = `<= ${aim}`
  if (use === undefined) return { id, what, reach, got: `not available: no POST ${COMPACT}`, reached: undefined }
  const isFull = messages >= FULL_SIZE
  return { id, what, reach, got: `${perMessage(use, messages)}${isFull ? '' : ` (of ${messages})`}`, reached: isFull ? use.totalBytes / messages <= aim : undefined }
}
