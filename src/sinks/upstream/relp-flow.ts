import { put, putByte, putBytes } from '../lines/line-buffer.ts'
import type { Flow, FlowFault, Place } from './flow.ts'
import { RelpAnswers, type RelpAnswer } from './relp-answers.ts'

const NEWLINE = 10
/** Behind it comes 1. */
const MAX_TRANSACTION = 999_999_999
const OFFERS = 'relp_version=0\nrelp_software=hps-hub\ncommands=syslog'
/** Of messages that are not acknowledged; one is taken whatever it weighs. */
const MAX_BYTES = 4 * 1024 * 1024
/** A server that acknowledges nothing for this long does not work. */
export const ANSWER_WITHIN_MS = 30_000

export interface RelpFlowOptions { readonly from: Place; readonly window: number; readonly elapsedMs: () => number }

interface Sent { readonly transaction: number; readonly place: Place; readonly bytes: number; isAcknowledged: boolean }

/** RELP: the server answers for each message, and what it did not answer for is sent again over the next connection. */
export function createRelpFlow({ from, window, elapsedMs }: RelpFlowOptions): Flow {
  const answers = new RelpAnswers()
  /** Not acknowledged, oldest first; no more than `window`. */
  let sent: Sent[] = []
  let bytes = 0
  let arrived = from
  let upto = from
  let transaction = 1
  let isOpen = false
  let movedMs = elapsedMs()

  function next(): number {
    transaction = transaction === MAX_TRANSACTION ? 1 : transaction + 1
    return transaction
  }

  function settle(): void {
    let done = 0
    while (done < sent.length && sent[done]!.isAcknowledged) {
      bytes -= sent[done]!.bytes
      arrived = sent[done++]!.place
    }
    if (done > 0) sent = sent.slice(done)
    movedMs = elapsedMs()
  }

  function takeAnswer({ transaction: of, command, data }: RelpAnswer): FlowFault | undefined {
    if (command === 'serverclose') return { fault: 'closed', reason: 'the server closes the connection' }
    if (command !== 'rsp') return { fault: 'protocol', reason: `the server says ${command}, which is no answer` }
    const isTaken = data === '' || data.startsWith('200')
    if (!isTaken) return { fault: 'refused', reason: `the server answers ${JSON.stringify(data.slice(0, 100))}` }
    if (of === 1 && !isOpen) {
      isOpen = true
      movedMs = elapsedMs()
      return undefined
    }
    const about = sent[0] === undefined ? undefined : sent.find((one) => one.transaction === of)
    if (about === undefined) return transaction === of ? undefined : { fault: 'protocol', reason: `the server answers for the transaction ${of}, which is none` }
    about.isAcknowledged = true
    return undefined
  }

  return {
    greeting: Buffer.from(`1 open ${OFFERS.length} ${OFFERS}\n`),
    get isOpen() {
      return isOpen
    },
    get inFlight() {
      return sent.length
    },
    hasRoom: () => sent.length < window && (bytes < MAX_BYTES || sent.length === 0),
    frame(out, message, place) {
      if (sent.length === 0) movedMs = elapsedMs()
      sent.push({ transaction: next(), place, bytes: message.length, isAcknowledged: false })
      bytes += message.length
      put(out, `${transaction} syslog ${message.length} `)
      putBytes(out, message)
      putByte(out, NEWLINE)
    },
    passed: (place) => void (upto = place),
    take(chunk) {
      const all = answers.take(chunk)
      if (all === undefined) return { fault: 'protocol', reason: 'the server does not speak RELP' }
      let fault: FlowFault | undefined
      for (const answer of all) fault ??= takeAnswer(answer)
      settle()
      return fault
    },
    arrived: () => (sent.length === 0 ? upto : arrived),
    overdue: () => (elapsedMs() - movedMs < ANSWER_WITHIN_MS || (isOpen && sent.length === 0) ? undefined : { fault: 'timeout', reason: `the server acknowledges nothing for ${ANSWER_WITHIN_MS / 1000} seconds` }),
    get farewell() {
      return Buffer.from(`${next()} close 0\n`)
    },
    ended: () => undefined,
  }
}
