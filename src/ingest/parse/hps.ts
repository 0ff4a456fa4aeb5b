import { HINT } from '#domain/batch.ts'
import { APP, BOOT_APP, HUB_APP } from '#domain/wire.ts'
import { BYTE, startsWith, type Cursor } from './cursor.ts'
import { NO_SEVERITY, writeSeverity } from './severity.ts'

const FAMILY = 'hps'
const PARENTHESIS = { open: 40, close: 41 } as const
/** Groups in brackets before the words: `[origin] [LEVEL] [function] [call stack] (client) [node function] [LEVEL]` has seven. */
const MAX_GROUPS = 8
/** A call stack of five frames is the longest group. */
const MAX_GROUP_BYTES = 512
const ERROR = 3
const WARNING = 4
/** What HPS gives every line that it relays for a node, whatever the node says in it. */
const INFO = 6
const DEBUG = 7
const INIT_ERROR = 'Init ERROR'

/** What an APP-NAME that begins with `hps` says: the words of the wire contract have their own hints, the hub's own lines none. */
export function familyHint(cursor: Cursor, at: number, length: number): number {
  if (length === FAMILY.length) return HINT.hps
  if (cursor.bytes[at + FAMILY.length] !== BYTE.dash || length < FAMILY.length + 2) return 0
  if (isWord(cursor, at, length, APP.session)) return HINT.announcement
  if (isWord(cursor, at, length, APP.ack)) return HINT.ack
  if (isWord(cursor, at, length, APP.trigger)) return HINT.trigger
  return isWord(cursor, at, length, HUB_APP) || isWord(cursor, at, length, BOOT_APP) ? 0 : HINT.hps
}

// oxlint-disable-next-line max-params -- a word in the bytes, as `startsWith`
const isWord = (cursor: Cursor, at: number, length: number, word: string): boolean => length === word.length && startsWith(cursor, at, word)

/**
 * The severity that an HPS line says in its words, from `from` on: `[origin] [LEVEL] [function] (client) text`, `[LEVEL] text`,
 * `[SUBSYSTEM] LEVEL: text`, `LEVEL: text`, `Init ERROR…`. Behind the INFO of a relayed line the node's own level counts; any other level is the first one.
 */
export function readHpsSeverity(cursor: Cursor, from: number): void {
  const { bytes, end } = cursor
  let severity = NO_SEVERITY
  let at = skipBlanks(cursor, from)
  for (let group = 0; group < MAX_GROUPS && at < end; group++) {
    const close = groupEnd(cursor, at)
    if (close < 0) break
    if (bytes[at] === BYTE.open) severity = nextLevel(severity, levelIn(cursor, at + 1, close))
    at = skipBlanks(cursor, close + 1)
  }
  severity = nextLevel(severity, levelBefore(cursor, at))
  if (severity !== NO_SEVERITY) writeSeverity(cursor, severity)
}

const nextLevel = (known: number, next: number): number => (next !== NO_SEVERITY && (known === NO_SEVERITY || known === INFO) ? next : known)

function skipBlanks({ bytes, end }: Cursor, from: number): number {
  let at = from
  while (at < end && bytes[at] === BYTE.space) at++
  return at
}

/** Where the `[…]` or `(…)` that begins at `at` is closed, or -1. */
function groupEnd({ bytes, end }: Cursor, at: number): number {
  const open = bytes[at]
  if (open !== BYTE.open && open !== PARENTHESIS.open) return -1
  const close = open === BYTE.open ? BYTE.close : PARENTHESIS.close
  const limit = Math.min(end, at + MAX_GROUP_BYTES)
  for (let to = at + 1; to < limit; to++) if (bytes[to] === close) return to
  return -1
}

function levelIn(cursor: Cursor, from: number, to: number): number {
  switch (to - from) {
    case 4: return startsWith(cursor, from, 'INFO') ? INFO : startsWith(cursor, from, 'WARN') ? WARNING : NO_SEVERITY
    case 5: return startsWith(cursor, from, 'ERROR') ? ERROR : startsWith(cursor, from, 'DEBUG') ? DEBUG : NO_SEVERITY
    case 7: return startsWith(cursor, from, 'WARNING') ? WARNING : NO_SEVERITY
    default: return NO_SEVERITY
  }
}

/** `ERROR:` and its like, or `Init ERROR`, at `at`. */
function levelBefore(cursor: Cursor, at: number): number {
  const { bytes, end } = cursor
  if (startsWith(cursor, at, INIT_ERROR)) return ERROR
  const limit = Math.min(end, at + 'WARNING:'.length)
  for (let to = at; to < limit; to++) if (bytes[to] === BYTE.colon) return levelIn(cursor, at, to)
  return NO_SEVERITY
}
