import { canonicalIp, createIpSet } from '#base/ip.ts'
import { APP, BOOT_APP, HUB_APP } from '#domain/wire.ts'

/** One entry of `syslog.tags` as the configuration holds it; `readTags` says what is wrong with it. */
export interface TagSetting {
  /** Address or network of the sender; absent: any. */
  readonly from?: string | undefined
  /** What the text begins with. */
  readonly starts?: string | undefined
  /** What the first `MAX_LOOK_BYTES` of the text hold. */
  readonly contains?: string | undefined
  /** The APP-NAME; this or `app_word`. */
  readonly app?: string | undefined
  /** Which word of the text is the APP-NAME, from 1. */
  readonly app_word?: number | undefined
  /** Which word of the text is the HOSTNAME, from 1. */
  readonly host_word?: number | undefined
}

/** One entry, ready for the bytes of messages. */
export interface TagRule {
  /** Place in the list, from 0. */
  readonly index: number
  isFrom(address: string): boolean
  readonly starts: Uint8Array | undefined
  readonly contains: Needle | undefined
  /** A constant name, or undefined where `appWord` says which word. */
  readonly app: Uint8Array | undefined
  /** 0: none. */
  readonly appWord: number
  /** 0: none. */
  readonly hostWord: number
}

/** What is looked for, and how far back a search falls where it fails (Knuth, Morris, Pratt): linear however the text repeats. */
export interface Needle { readonly bytes: Uint8Array; readonly fallback: Uint8Array }

/** Entries of the list; each costs every untagged message of its senders a comparison. */
export const MAX_TAG_RULES = 256
/** How far into the text `contains` and the words are looked for. */
export const MAX_LOOK_BYTES = 1024
/** Longest APP-NAME (RFC 5424 section 6). */
export const MAX_APP_BYTES = 48
/** Longest `starts` and `contains`. */
const MAX_LITERAL_BYTES = 255
/** Words of a text that can be counted to. */
export const MAX_WORD = 32

/**
 * Names that make the hub do something. A mapping reads names out of texts that strangers may have had a hand in: it never
 * gives one of these, nor what any other name would tell the hub (`HINT`).
 */
export const RESERVED_APPS: readonly string[] = [...Object.values(APP), HUB_APP, BOOT_APP]

/** What is wrong with one entry, or undefined. */
export function tagFault(tag: TagSetting): string | undefined {
  if (tag.from !== undefined && !createIpSet().add(tag.from)) return 'from: must be an address or a network like 10.0.0.0/8 or fc00::/7'
  for (const key of ['starts', 'contains'] as const) {
    const literal = tag[key]
    if (literal !== undefined && (literal === '' || Buffer.byteLength(literal) > MAX_LITERAL_BYTES)) return `${key}: must have 1 to ${MAX_LITERAL_BYTES} bytes`
  }
  if ((tag.app === undefined) === (tag.app_word === undefined)) return 'must have either app or app_word'
  if (tag.host_word !== undefined && tag.host_word === tag.app_word) return 'host_word: is the word that app_word names'
  if (tag.app === undefined) return undefined
  if (!/^[!-~]{1,48}$/.test(tag.app)) return `app: must have 1 to ${MAX_APP_BYTES} printable ASCII characters and no blank`
  return RESERVED_APPS.includes(tag.app) ? `app: ${tag.app} is a word of the wire contract, which a mapping cannot speak` : undefined
}

/** @throws RangeError for an entry with a fault, which the configuration does not let through */
export function compileTags(tags: readonly TagSetting[]): readonly TagRule[] {
  if (tags.length > MAX_TAG_RULES) throw new RangeError(`syslog.tags: at most ${MAX_TAG_RULES} entries`)
  return tags.map((tag, index) => {
    const fault = tagFault(tag)
    if (fault !== undefined) throw new RangeError(`syslog.tags[${index}]: ${fault}`)
    return {
      index,
      isFrom: senderTest(tag.from),
      starts: tag.starts === undefined ? undefined : Buffer.from(tag.starts),
      contains: tag.contains === undefined ? undefined : createNeedle(Buffer.from(tag.contains)),
      app: tag.app === undefined ? undefined : Buffer.from(tag.app),
      appWord: tag.app_word ?? 0,
      hostWord: tag.host_word ?? 0,
    }
  })
}

function senderTest(from: string | undefined): TagRule['isFrom'] {
  if (from === undefined) return () => true
  const senders = createIpSet()
  senders.add(from)
  return (address) => senders.has(canonicalIp(address) ?? address)
}

/** @param bytes 1 to `MAX_LITERAL_BYTES` */
export function createNeedle(bytes: Uint8Array): Needle {
  const fallback = new Uint8Array(bytes.length)
  let matched = 0
  for (let at = 1; at < bytes.length; at++) {
    while (matched > 0 && bytes[at] !== bytes[matched]) matched = fallback[matched - 1]!
    if (bytes[at] === bytes[matched]) matched++
    fallback[at] = matched
  }
  return { bytes, fallback }
}

/** Whether the needle stands in `bytes[from … end)`. */
export function holdsNeedle({ bytes: wanted, fallback }: Needle, { bytes, from, end }: { readonly bytes: Uint8Array; readonly from: number; readonly end: number }): boolean {
  let matched = 0
  for (let at = from; at < end; at++) {
    while (matched > 0 && bytes[at] !== wanted[matched]) matched = fallback[matched - 1]!
    if (bytes[at] === wanted[matched]) matched++
    if (matched === wanted.length) return true
  }
  return false
}
