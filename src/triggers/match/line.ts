import { decodeText } from '#base/bytes.ts'
import { span, type Batch } from '#domain/batch.ts'
import { evidenceOf } from '#domain/evidence.ts'
import type { EvidenceClass } from '#domain/lifecycle.ts'
import { IDENTITY_METHODS, type IdentityMethod, type StoredMessage } from '#domain/message.ts'
import { FACILITIES, SEVERITIES } from '#domain/severity.ts'

/** A message is matched up to here (UTF-16 units); what is behind is stored but not looked at. A longer one is counted. */
export const MAX_MATCHED_CHARACTERS = 8192

/** A message as rules see it; made only for the few that passed the gate. */
export interface Line {
  readonly seq: number
  readonly receivedMs: number
  readonly app: string
  readonly host: string
  readonly facility: number
  readonly severity: number
  readonly text: string
  readonly nodeId: number
  readonly sessionId: number
  readonly sourceId: number
  readonly evidence: EvidenceClass
  /** Its sender proved with a certificate who it is. */
  readonly isCertified?: boolean
}

/** Ways to find a node that stand on a certificate. */
const CERTIFIED: readonly IdentityMethod[] = ['certificate']
const isCertified = (method: IdentityMethod, nodeId: number): boolean => nodeId !== 0 && CERTIFIED.includes(method)

export function lineOfRow(batch: Batch, row: number): Line {
  const field = (offset: number, length: number) => (length === 0 ? '' : decodeText(span(batch, row, offset, length)).text)
  const pri = batch.pri[row]!
  const method = IDENTITY_METHODS[batch.method[row]!] ?? 'none'
  return {
    seq: batch.firstSeq + row,
    receivedMs: batch.receivedMs[row]!,
    app: field(batch.appOff[row]!, batch.appLen[row]!),
    host: field(batch.hostOff[row]!, batch.hostLen[row]!),
    facility: pri >> 3,
    severity: pri & 7,
    text: field(batch.textOff[row]!, batch.textLen[row]!).slice(0, MAX_MATCHED_CHARACTERS),
    nodeId: batch.node[row]!,
    sessionId: batch.session[row]!,
    sourceId: batch.source[row]!,
    evidence: evidenceOf(method, batch.node[row]!),
    isCertified: isCertified(method, batch.node[row]!),
  }
}

export const lineOfMessage = (message: StoredMessage): Line => ({
  seq: message.seq,
  receivedMs: message.receivedMs,
  app: message.app,
  host: message.host,
  facility: FACILITIES.indexOf(message.facility),
  severity: SEVERITIES.indexOf(message.severity),
  text: message.text.slice(0, MAX_MATCHED_CHARACTERS),
  nodeId: message.nodeId,
  sessionId: message.sessionId,
  sourceId: message.sourceId,
  evidence: evidenceOf(message.method, message.nodeId),
  isCertified: isCertified(message.method, message.nodeId),
})
