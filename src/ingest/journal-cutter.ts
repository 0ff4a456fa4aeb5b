import { isFieldName, readSize, SIZE_BYTES, writeField } from './journal-fields.ts'

const NEWLINE = 10
const EQUALS = 61
/** Bytes kept of the text; a message has no more room. */
export const MAX_TEXT_BYTES = 64 * 1024
/** Bytes kept of any other field: a core dump is a field. */
export const MAX_FIELD_BYTES = 4 * 1024
/** Bytes kept of an entry without its text; what is beyond is passed over. */
export const MAX_ENTRY_BYTES = 256 * 1024
/** Fields kept of an entry, as systemd has it (ENTRY_FIELD_COUNT_MAX); a field may have no bytes. */
export const MAX_FIELDS = 1024
/** Longest field that systemd writes (DATA_SIZE_MAX): a size beyond it is no size. */
const MAX_SIZE = 768 * 1024 * 1024
const TEXT = 'MESSAGE'
const LINE_FEED = Uint8Array.of(NEWLINE)

/** Cuts the bytes of a journal in the export format, as they come in, behind whole entries. */
export interface JournalCutter {
  /** Takes the next bytes. @returns false when they are no journal: nothing more can be read */
  push(chunk: Uint8Array): boolean
  /** The whole entries since the last call, for `readEntry`; empty when there are none. */
  take(): Uint8Array
  /** The end of the bytes: an entry without an empty line behind it is whole. @returns false when it ends within a field */
  end(): boolean
}

/** Memory is bounded by what is kept of one entry and one chunk, whatever the sizes in the bytes say. */
export function createJournalCutter(): JournalCutter {
  let state: 'line' | 'size' | 'value' | 'line-end' | 'broken' = 'line'
  /** Of the line, size or value that is being read; `heldLimit` bytes of it at most. */
  let held: Uint8Array[] = []
  let heldBytes = 0
  let heldLimit = MAX_TEXT_BYTES + TEXT.length + 1
  let leftBytes = 0
  let name: Uint8Array = LINE_FEED
  let entry: Uint8Array[] = []
  let entryBytes = 0
  let hasText = false
  let whole: Uint8Array[] = []

  const hold = (bytes: Uint8Array): void => {
    const kept = bytes.subarray(0, Math.max(0, heldLimit - heldBytes))
    if (kept.length > 0) held.push(kept.slice())
    heldBytes += kept.length
  }
  const release = (nextLimit: number): Uint8Array => {
    const bytes = held.length === 1 ? held[0]! : Buffer.concat(held)
    held = []
    heldBytes = 0
    heldLimit = nextLimit
    return bytes
  }
  const limitOf = (field: Uint8Array): number => (Buffer.from(field).toString('latin1') === TEXT ? MAX_TEXT_BYTES : MAX_FIELD_BYTES)
  const add = (field: Uint8Array, value: Uint8Array): void => {
    const limit = limitOf(field)
    const kept = value.subarray(0, limit)
    if (limit === MAX_TEXT_BYTES) {
      if (hasText) return // the first is the text
      hasText = true
    } else {
      if (entry.length >= MAX_FIELDS || entryBytes + kept.length > MAX_ENTRY_BYTES) return
      entryBytes += kept.length + field.length
    }
    entry.push(writeField(field, kept))
  }
  const endEntry = (): void => {
    if (entry.length > 0) whole.push(...entry, LINE_FEED)
    entry = []
    entryBytes = 0
    hasText = false
  }
  const endLine = (): void => {
    const line = release(MAX_TEXT_BYTES + TEXT.length + 1)
    if (line.length === 0) return endEntry()
    const equals = line.indexOf(EQUALS)
    const field = equals < 0 ? line : line.subarray(0, equals)
    if (!isFieldName(field)) state = 'broken'
    else if (equals >= 0) add(field, line.subarray(equals + 1))
    else {
      name = field
      state = 'size'
      leftBytes = SIZE_BYTES
    }
  }
  /** Reads on in the present state. @returns how many bytes of the chunk it took */
  const step = (chunk: Uint8Array): number => {
    if (state === 'line') {
      const newline = chunk.indexOf(NEWLINE)
      hold(newline < 0 ? chunk : chunk.subarray(0, newline))
      if (newline < 0) return chunk.length
      endLine()
      return newline + 1
    }
    if (state === 'line-end') {
      state = chunk[0] === NEWLINE ? 'line' : 'broken'
      return 1
    }
    const part = chunk.subarray(0, leftBytes)
    hold(part)
    leftBytes -= part.length
    if (leftBytes > 0) return part.length
    if (state === 'size') {
      leftBytes = readSize(release(limitOf(name)))
      state = leftBytes > MAX_SIZE ? 'broken' : 'value'
      if (leftBytes > 0) return part.length
    }
    if (state === 'value') {
      add(name, release(MAX_TEXT_BYTES + TEXT.length + 1))
      state = 'line-end'
    }
    return part.length
  }

  return {
    push(chunk) {
      for (let at = 0; at < chunk.length && state !== 'broken'; ) at += step(chunk.subarray(at))
      return state !== 'broken'
    },
    take() {
      const taken = Buffer.concat(whole)
      whole = []
      return taken
    },
    end() {
      const isWhole = state === 'line' && heldBytes === 0
      if (isWhole) endEntry()
      return isWhole
    },
  }
}
