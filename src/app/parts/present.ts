import type { MessageView } from '#api/index.ts'
import { formatUtc } from '#base/time.ts'
import type { StoredMessage } from '#domain/message.ts'
import { sinceBoot } from '#domain/since-boot.ts'
import type { Names } from '../names.ts'

/** A stored message as the API shows it: ids become names, times RFC 3339. */
export function presentMessage(message: StoredMessage, names: Names): MessageView {
  const bootMs = names.bootMs(message.sessionId)
  const since = bootMs === undefined ? undefined : sinceBoot(message, { bootMs, clockOffsetMs: names.clockOffsetMs(message.nodeId) })
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
    ...(since === undefined ? {} : { since_boot_ms: since.ms, since_boot_by: since.by }),
  }
}
