import { EVIDENCE_CLASSES } from '#domain/lifecycle.ts'
import { MAX_KEPT_CHARACTERS } from './bounds.ts'
import type { ByteReader, ByteWriter } from './memory/bytes.ts'
import type { Captures, Subject } from './subject.ts'

/** Whom a deadline is about, and what the beginning said: kept with the key until then. The text is found by its seq. */
export interface Waiting { readonly subject: Omit<Subject, 'atMs'>; readonly captures: Captures }

export function writeWaiting(writer: ByteWriter, { subject, captures }: { readonly subject: Subject; readonly captures: Captures }): void {
  const { seq, nodeId, sessionId, sourceId, evidence, host, app } = subject
  writer.varint(seq).varint(nodeId).varint(sessionId).varint(sourceId).byte(EVIDENCE_CLASSES.indexOf(evidence)).text(host).text(app)
  writeCaptures(writer, captures)
}

export function readWaiting(reader: ByteReader): Waiting {
  const [seq, nodeId, sessionId, sourceId] = [reader.varint(), reader.varint(), reader.varint(), reader.varint()]
  const evidence = EVIDENCE_CLASSES[reader.byte()]!
  const [host, app] = [reader.text(), reader.text()]
  return { subject: { seq, nodeId, sessionId, sourceId, evidence, host, app, text: '', event: undefined }, captures: readCaptures(reader) }
}

/** As many as there is room for, in their order. */
export function writeCaptures(writer: ByteWriter, captures: Captures): void {
  const kept: (readonly [string, string])[] = []
  let characters = 0
  for (const [name, value] of Object.entries(captures)) {
    characters += name.length + value.length
    if (characters > MAX_KEPT_CHARACTERS) break
    kept.push([name, value])
  }
  writer.varint(kept.length)
  for (const [name, value] of kept) writer.text(name).text(value)
}

export function readCaptures(reader: ByteReader): Captures {
  const captures: Record<string, string> = {}
  for (let left = reader.varint(); left > 0; left--) captures[reader.text()] = reader.text()
  return captures
}
