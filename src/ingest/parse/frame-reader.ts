import { createBatch, MAX_FRAME_BYTES } from '#domain/batch.ts'
import { rawLength } from '#domain/raw-length.ts'
import { createInterner } from '../interner.ts'
import { createSender } from '../sender.ts'
import { StreamFramer } from '../framing/stream-framer.ts'
import { Tagger } from '../tags/tagger.ts'
import { MAX_APP_BYTES, type TagSetting } from '../tags/tag-rule.ts'
import { FAULT } from './fault-bits.ts'
import { fieldSpans, type FieldSpan } from './frame-spans.ts'
import { fieldsOf, type ParsedFrame } from './parse-one.ts'
import { createParser, type FrameRow } from './parser.ts'

/** How a frame was read, and where in it. */
export interface ReadFrame extends ParsedFrame {
  /** The bytes that were looked at: at most `MAX_FRAME_BYTES`. */
  readonly raw: Uint8Array
  readonly spans: readonly FieldSpan[]
  /** The entry of `syslog.tags` that spoke, from 0; undefined where none did. */
  readonly tagIndex: number | undefined
}

/** One frame to read. */
export interface GivenFrame {
  readonly bytes: Uint8Array
  readonly receivedMs: number
  /** As a listener would say it; `syslog` when left out. */
  readonly form?: FrameRow['form'] | undefined
  /** What the framing noted, as `splitStream` hands it out. */
  readonly faults?: number | undefined
}

/**
 * Reads frames one by one with the very parser and the very mapping of the ingest thread, for people who ask how a line is
 * read or what a list of tags would do.
 * @param options the list and the sender it is tried for; none: no mapping. Throws RangeError for a list that the configuration would not let through
 */
export function createFrameReader({ tags = [], address = '' }: { readonly tags?: readonly TagSetting[]; readonly address?: string } = {}): { read(frame: GivenFrame): ReadFrame } {
  const tagger = new Tagger(tags)
  const sender = createSender({ address, transport: 'udp', listener: 'trial' })
  const hosts = createInterner({ capacity: 2, maxKeyBytes: 256, arenaBytes: 1024 })
  const parser = createParser(hosts, tagger)
  return {
    read({ bytes, receivedMs, form = 'syslog', faults = 0 }) {
      const length = Math.min(bytes.length, MAX_FRAME_BYTES)
      const batch = createBatch(8, length + MAX_APP_BYTES)
      batch.bytes.set(bytes.subarray(0, length))
      batch.byteCount = length
      batch.rows = 1
      hosts.clear()
      tagger.enter(sender)
      tagger.lastIndex = -1
      parser.parse(batch, { row: 0, start: 0, length, receivedMs, faults: faults | (length < bytes.length ? FAULT.truncated : 0), form })
      const received = rawLength(batch, 0)
      return { ...fieldsOf(batch, 0), raw: batch.bytes.slice(0, received), spans: fieldSpans(batch, 0, received), tagIndex: tagger.lastIndex < 0 ? undefined : tagger.lastIndex }
    },
  }
}

/** Memory for a frame that is not whole. */
const HELD_BYTES = 1 << 20

/** Takes a TCP stream apart as a syslog listener does. @param onFrame called within `push` and `end`; the bytes are its own */
export function splitStream(onFrame: (frame: { readonly bytes: Uint8Array; readonly faults: number }) => void): { push(chunk: Uint8Array): void; end(): void } {
  const framer = new StreamFramer({ maxFrameBytes: MAX_FRAME_BYTES, heldBudget: { freeBytes: HELD_BYTES } })
  const sink = {
    frame: (bytes: Uint8Array, start: number, end: number, faults: number): boolean => {
      onFrame({ bytes: bytes.slice(start, end), faults })
      return true
    },
    cut: () => undefined, // the fault `truncated` says it
  }
  return { push: (chunk) => void framer.push(chunk, sink), end: () => void framer.end(sink) }
}
