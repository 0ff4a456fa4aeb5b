import { MAX_FRAME_BYTES } from '#domain/batch.ts'
import { BYTE, wordEnd, type Cursor } from '../parse/cursor.ts'
import { FAULT } from '../parse/fault-bits.ts'
import type { TagHook } from '../parse/parser.ts'
import type { Sender } from '../sender.ts'
import { compileTags, holdsNeedle, MAX_APP_BYTES, MAX_LOOK_BYTES, MAX_WORD, RESERVED_APPS, type TagRule, type TagSetting } from './tag-rule.ts'

const NO_RULES: readonly TagRule[] = []
const RESERVED = RESERVED_APPS.map((app) => Buffer.from(app))

/** Gives messages without a tag an APP-NAME, as `syslog.tags` says. Owned by the batcher; the parser calls `map` between header and text. */
export class Tagger implements TagHook {
  /** Entry that the last message matched, -1: none. For those who try a list. */
  lastIndex = -1
  #rules: readonly TagRule[]
  #generation = 0
  #unfit = 0
  #current: readonly TagRule[] = NO_RULES
  readonly #words = new Uint32Array(2 * (MAX_WORD + 1))

  /** @throws RangeError for an entry that the configuration would not let through */
  constructor(tags: readonly TagSetting[]) {
    this.#rules = compileTags(tags)
  }

  /** Puts another list in place of the present one, from the next message on. */
  replace(tags: readonly TagSetting[]): void {
    this.#rules = compileTags(tags)
    this.#generation++
  }

  /**
   * Says whose messages follow. @returns how many bytes a mapping may append behind a frame: 0 where no entry is for this
   * sender, else each of its frames must be the last one in the bytes of its batch, with that much room behind it.
   */
  enter(sender: Sender): number {
    if (sender.tagGeneration !== this.#generation || sender.tags === undefined) {
      sender.tags = this.#rules.length === 0 ? NO_RULES : this.#rules.filter((rule) => rule.isFrom(sender.address))
      sender.tagGeneration = this.#generation
    }
    this.#current = sender.tags
    return this.#current.length === 0 ? 0 : MAX_APP_BYTES
  }

  /** The message has no APP-NAME; its text begins at `cursor.at`. The first entry that matches decides. */
  map(cursor: Cursor): void {
    const rules = this.#current
    this.lastIndex = -1
    for (let i = 0; i < rules.length; i++) {
      const rule = rules[i]!
      if (!matches(rule, cursor)) continue
      this.lastIndex = rule.index
      if (rule.app === undefined || rule.hostWord > 0 ? this.#mapWords(rule, cursor) : append(cursor, rule.app, 0, rule.app.length)) {
        cursor.faults = (cursor.faults | FAULT.mappedApp) & ~FAULT.noApp
      } else this.#unfit++
      return
    }
  }

  /** Messages since the last call that matched and still got no name: no such word, a word that is no name, or too long together with it. */
  takeUnfit(): number {
    const unfit = this.#unfit
    this.#unfit = 0
    return unfit
  }

  #mapWords(rule: TagRule, cursor: Cursor): boolean {
    const words = this.#words
    const count = findWords(cursor, words, Math.max(rule.appWord, rule.hostWord))
    if (count < Math.max(rule.appWord, rule.hostWord)) return false
    if (rule.app !== undefined) {
      if (!append(cursor, rule.app, 0, rule.app.length)) return false
    } else if (!takeApp(cursor, words[2 * rule.appWord]!, words[2 * rule.appWord + 1]!)) return false
    if (rule.hostWord > 0) takeHost(cursor, words[2 * rule.hostWord]!, words[2 * rule.hostWord + 1]!)
    dropLeadingWords(rule, cursor, words)
    return true
  }
}

function matches({ starts, contains }: TagRule, { bytes, at, end }: Cursor): boolean {
  if (starts !== undefined) {
    if (end - at < starts.length) return false
    for (let i = 0; i < starts.length; i++) if (bytes[at + i] !== starts[i]) return false
  }
  return contains === undefined || holdsNeedle(contains, { bytes, from: at, end: Math.min(end, at + MAX_LOOK_BYTES) })
}

/** Start and end of word n at `words[2 * n]`, n from 1, up to `wanted`. @returns how many there are */
function findWords({ bytes, at, end: textEnd }: Cursor, words: Uint32Array, wanted: number): number {
  const end = Math.min(textEnd, at + MAX_LOOK_BYTES)
  let count = 0
  let next = at
  while (count < wanted) {
    while (next < end && bytes[next] === BYTE.space) next++
    if (next >= end) break
    const stop = wordEnd(bytes, next, end)
    count++
    words[2 * count] = next
    words[2 * count + 1] = stop
    next = stop
  }
  return count
}

/** `name`, `name:`, `name[pid]` or `name[pid]:` as the header's reader takes a tag apart. @returns false where the word is no name */
function takeApp(cursor: Cursor, from: number, wordStop: number): boolean {
  const { bytes, batch, row, frame } = cursor
  let stop = wordStop
  if (stop > from && bytes[stop - 1] === BYTE.colon) stop--
  let nameEnd = from
  while (nameEnd < stop && bytes[nameEnd]! > BYTE.space && bytes[nameEnd]! < 127 && bytes[nameEnd] !== BYTE.open) nameEnd++
  const hasPid = nameEnd > from && stop - nameEnd > 2 && bytes[nameEnd] === BYTE.open && bytes[stop - 1] === BYTE.close
  if (nameEnd === from || nameEnd - from > MAX_APP_BYTES || (nameEnd < stop && !hasPid) || isReserved(bytes, from, nameEnd)) return false
  // a span that ends where the frame does would look like an appended name: then it is one
  if (nameEnd - frame === batch.frameLen[row] ? !append(cursor, bytes, from, nameEnd) : !mark(cursor, from, nameEnd)) return false
  if (hasPid) {
    batch.procOff[row] = nameEnd + 1 - frame
    batch.procLen[row] = stop - nameEnd - 2
  }
  return true
}

function mark({ batch, row, frame }: Cursor, from: number, to: number): true {
  batch.appOff[row] = from - frame
  batch.appLen[row] = to - from
  return true
}

/** Puts a name behind the frame's bytes. @returns false, and nothing changed, where there is no room */
function append({ batch, row, frame }: Cursor, name: Uint8Array, from: number, to: number): boolean {
  const length = batch.frameLen[row]!
  const behind = frame + length
  const size = to - from
  if (length + size > MAX_FRAME_BYTES || behind !== batch.byteCount || behind + size > batch.bytes.length) return false
  for (let i = 0; i < size; i++) batch.bytes[behind + i] = name[from + i]!
  batch.byteCount = behind + size
  batch.frameLen[row] = length + size
  batch.appOff[row] = length
  batch.appLen[row] = size
  return true
}

function takeHost(cursor: Cursor, from: number, wordStop: number): void {
  const { bytes, batch, row, frame } = cursor
  const stop = wordStop - from > 1 && bytes[wordStop - 1] === BYTE.colon ? wordStop - 1 : wordStop
  batch.hostOff[row] = from - frame
  batch.hostLen[row] = stop - from
  cursor.faults &= ~FAULT.noHost
}

/** Words at the beginning that became the host and the tag are no longer text, as in any header. */
function dropLeadingWords({ app, appWord, hostWord }: TagRule, cursor: Cursor, words: Uint32Array): void {
  let taken = 0
  while ((app === undefined && appWord === taken + 1) || hostWord === taken + 1) taken++
  if (taken === 0) return
  const { bytes, end } = cursor
  let at = words[2 * taken + 1]!
  if (at < end && bytes[at] === BYTE.space) at++
  cursor.at = at
}

function isReserved(bytes: Uint8Array, from: number, to: number): boolean {
  for (const name of RESERVED) {
    if (name.length !== to - from) continue
    let i = 0
    while (i < name.length && bytes[from + i] === name[i]) i++
    if (i === name.length) return true
  }
  return false
}
