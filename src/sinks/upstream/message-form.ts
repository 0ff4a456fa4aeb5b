import { seqOf, span, type Batch } from '#domain/batch.ts'
import { FORMATS } from '#domain/message.ts'
import { HUB_SD_ID, LABEL, LABEL_SD_ID } from '#domain/wire.ts'
import { put, putByte, putBytes, type LineBuffer } from '../lines/line-buffer.ts'
import { elementOfLines, escapeValue, paramOf, readElements, writeElements, type Element } from './elements.ts'

/** Names of ids; undefined: nobody knows one. */
export interface UpstreamNames {
  node(id: number): string | undefined
  session(id: number): string | undefined
  /** The address of a sender. */
  source(id: number): string | undefined
}

/** Which hub forwards, and as which sequence of messages: the same message has the same `count` of a `stream`, however often it is sent. */
export interface Origin { readonly hubId: string; readonly stream: string }

/** Writes one row as an RFC 5424 message. @returns false: it came from this hub, or through too many, and is not to be forwarded */
export type MessageForm = (out: LineBuffer, batch: Batch, row: number, count: number) => boolean

/** Longest fields (RFC 5424 section 6). */
const MAX = { host: 255, app: 48, procid: 128, msgid: 32 } as const
/** Hubs that a message may pass. */
const MAX_HUBS = 8
const HUB_ID = /^[0-9a-f]{16}$/
/** Milliseconds of the year 10000: a stamp has four digits for the year. */
const MAX_STAMP_MS = 253_402_300_800_000
const MAX_PRI = 191
const HEAD_BYTES = 48
const STAMP = /^<\d{1,3}>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)) /
const RFC5424 = FORMATS.indexOf('rfc5424')
/** Of these forms the structured data is lines. */
const OF_LINES: readonly number[] = [FORMATS.indexOf('kmsg'), FORMATS.indexOf('netconsole')]
const KERNEL_SD_ID = 'kernel@32473'
const SPACE = 0x20
const DASH = 0x2d
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf])

/** RFC 5424 of whatever was received: what came as such keeps its header and structured data, everything else is made from what the hub read in it. */
export function createMessageForm(names: UpstreamNames, { hubId, stream }: Origin): MessageForm {
  return (out, batch, row, count) => {
    const sd = latin1(span(batch, row, batch.sdOff[row]!, batch.sdLen[row]!))
    const isLines = OF_LINES.includes(batch.format[row]!)
    const given = sd === '' ? [] : isLines ? [elementOfLines(KERNEL_SD_ID, sd)].filter(({ params }) => params !== '') : readElements(sd)
    const path = pathOf(given ?? [])
    if (path.includes(hubId) || path.length >= MAX_HUBS) return false

    const pri = batch.pri[row]!
    put(out, `<${pri > MAX_PRI ? pri & 7 : pri}>1 ${stampOf(batch, row)}`)
    const node = nameOf(batch.node[row]!, names.node)
    putHost(out, batch, row, node ?? nameOf(batch.source[row]!, names.source))
    putField(out, span(batch, row, batch.appOff[row]!, batch.appLen[row]!), MAX.app)
    putField(out, span(batch, row, batch.procOff[row]!, batch.procLen[row]!), MAX.procid)
    putField(out, span(batch, row, batch.msgidOff[row]!, batch.msgidLen[row]!), MAX.msgid)
    putByte(out, SPACE)

    const params = { path: [...path, hubId].join(' '), node, seq: String(seqOf(batch, row)), stream, count: String(count), structured_data: given === undefined ? sd : undefined }
    const elements = [...withSession(given ?? [], nameOf(batch.session[row]!, names.session)), elementOf(HUB_SD_ID, params)]
    putBytes(out, Buffer.from(writeElements(elements), 'latin1'))
    putText(out, span(batch, row, batch.textOff[row]!, batch.textLen[row]!))
    return true
  }
}

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')

/** A name as the bytes of it, a character each. */
function nameOf(id: number, name: (id: number) => string | undefined): string | undefined {
  const found = id === 0 ? undefined : name(id)
  return found === undefined ? undefined : Buffer.from(found).toString('latin1')
}

/** The hubs that a message came through, the first one first. */
function pathOf(elements: readonly Element[]): string[] {
  const hub = elements.find(({ id }) => id === HUB_SD_ID)
  return hub === undefined ? [] : (paramOf(hub, 'path') ?? '').split(' ').filter((word) => HUB_ID.test(word))
}

/** The label says which session it is: one that is there is completed, never doubled. What the hub before said of the message goes. */
function withSession(elements: readonly Element[], session: string | undefined): Element[] {
  const others = elements.filter(({ id }) => id !== HUB_SD_ID)
  if (session === undefined || !LABEL.test(session)) return others
  const label = others.find(({ id }) => id === LABEL_SD_ID)
  if (label === undefined) return [elementOf(LABEL_SD_ID, { session }), ...others]
  return others.map((element) => (element === label && paramOf(label, 'session') === undefined ? { id: label.id, params: ` session="${session}"${label.params}` } : element))
}

const elementOf = (id: string, params: Readonly<Record<string, string | undefined>>): Element =>
  ({ id, params: Object.entries(params).map(([name, value]) => (value === undefined ? '' : ` ${name}="${escapeValue(value)}"`)).join('') })

/** The stamp of the sender as it wrote it where it is one of RFC 5424, else its time as the hub understood it, else when it was received. */
function stampOf(batch: Batch, row: number): string {
  const sentMs = batch.sentMs[row]!
  const isKnown = sentMs >= 0 && sentMs < MAX_STAMP_MS
  if (isKnown && batch.format[row] === RFC5424) {
    const written = STAMP.exec(latin1(span(batch, row, 0, Math.min(HEAD_BYTES, batch.frameLen[row]!))))?.[1]
    if (written !== undefined) return written
  }
  return new Date(isKnown ? sentMs : batch.receivedMs[row]!).toISOString()
}

function putHost(out: LineBuffer, batch: Batch, row: number, otherwise: string | undefined): void {
  const host = span(batch, row, batch.hostOff[row]!, batch.hostLen[row]!)
  const isNone = host.length === 0 || (host.length === 1 && host[0] === DASH)
  putField(out, isNone ? Buffer.from(otherwise ?? '', 'latin1') : host, MAX.host)
}

/** A field of the header: printable ASCII, no longer than it may be, `-` for none. */
function putField(out: LineBuffer, bytes: Uint8Array, maxBytes: number): void {
  const end = Math.min(bytes.length, maxBytes)
  putByte(out, SPACE)
  if (end === 0) put(out, '-')
  for (let at = 0; at < end; at++) {
    const byte = bytes[at]!
    putByte(out, byte > 0x20 && byte < 0x7f ? byte : 0x3f)
  }
}

/** The text as it is, whatever is in it. Where it begins with what receivers take off (a second blank, a byte order mark), that is there once more. */
function putText(out: LineBuffer, text: Uint8Array): void {
  if (text.length === 0) return
  putByte(out, SPACE)
  if (text[0] === SPACE) putByte(out, SPACE)
  if (BYTE_ORDER_MARK.every((byte, at) => text[at] === byte)) putBytes(out, BYTE_ORDER_MARK)
  putBytes(out, text)
}
