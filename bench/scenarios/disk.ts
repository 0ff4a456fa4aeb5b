import { until } from '../../test/support/child.ts'
import { diskUse, type DiskUse } from '../disk-use.ts'
import { referenceCorpus, writeCorpusFile } from '../load/corpus.ts'
import { costBetween } from '../measure.ts'
import { send, untilCountable, WITHIN_MS } from '../outcome.ts'
import type { Figure, Scenario } from '../part.ts'
import { startHubReceiver } from '../peers/hub.ts'
import { storeJob } from '../store-job.ts'
import { isSound, numbering, verdictText, verifyStored } from '../verify.ts'

const FULL_SIZE = 2_000_000
/** The hub writes its own log while it is measured. */
const SLACK = 1.02
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
      const compaction = await storeJob(receiver.hub, 'compact')
      const wallSeconds = (performance.now() - startMs) / 1000
      const cost = costBetween(before, receiver.cost())
      const compacted = diskUse(receiver.hub.data)
      const { problem_count: problems } = await storeJob(receiver.hub, 'check')
      say(`disk: ${perMessage(sealed, messages)} as first sealed, ${perMessage(compacted, messages)} compacted`)
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
          { what: `disk: compaction makes no larger (${compacted.logBytes} of ${sealed.logBytes})`, ok: compacted.logBytes <= sealed.logBytes * SLACK },
          { what: `disk: the hub's own check of the store finds nothing (${String(problems)} problems)`, ok: problems === 0 },
          ...(verdict === undefined ? [] : [{ what: `disk: after compaction, ${verdictText(verdict)}`, ok: isSound(verdict) }]),
        ],
        details: { messages, sealed, compacted, compaction: { result: compaction, wallSeconds, cost } },
      }
    } finally {
      await receiver.stop()
    }
  },
}

const perMessage = ({ totalBytes, logBytes }: DiskUse, messages: number): string => `${(totalBytes / messages).toFixed(2)} B/message (log/ alone ${(logBytes / messages).toFixed(2)})`

interface Aim { readonly id: string; readonly what: string; readonly aim: number; readonly messages: number }
function judge({ id, what, aim, messages }: Aim, use: DiskUse): Figure {
  const reach = `<= ${aim}`
  const isFull = messages >= FULL_SIZE
  return { id, what, reach, got: `${perMessage(use, messages)}${isFull ? '' : ` (of ${messages})`}`, reached: isFull ? use.totalBytes / messages <= aim : undefined }
}
