import type { MessageView } from '#api/index.ts'
import { formatUtc } from '#base/time.ts'
import type { StoredMessage } from '#domain/message.ts'
import type { Names } from '../names.ts'

/** A stored message as the API shows it: ids become names, times RFC 3339. */
export function presentMessage(message: StoredMessage, names: Names): MessageView {
  return {
    seq: message.seq,
    received: formatUtc(message.receivedMs),
    sent: message.sentMs === undefined ? null : formatUtc(message.sentMs),
    node: names.node(message.nodeId),
    session: names.session(message.sessionId),
    source: names.source(message.sourceId),
    method: message.method,
    confidence: message.confidence,
    facility: message.facility,
    severity: message.severity,
    host: message.host,
    app: message.app,
    procid: message.procid,
    msgid: message.msgid,
    structured_data: message.structuredData,
    label: message.label,
    format: message.format,
    faults: message.faults,
    text: message.text,
  }
}
