import { parseMac } from '#base/mac.ts'
import { hostNameOf } from './host-name.ts'

/**
 * A line of HPS: `[origin] [LEVEL] [function] (client) text` of the server, behind it `[node function] [LEVEL] text` of a node whose line it hands
 * on, or the node's own `[LEVEL] text`.
 */
export interface HpsLine {
  /** The host that the server worked for, else the server's own name; `` when the line has none. */
  readonly origin: string
  /** It has the form of the server's lines: only those speak about other machines. */
  readonly isServers: boolean
  readonly isError: boolean
  /** The one machine whose MAC the line names. */
  readonly mac: string | undefined
  /** The MAC stands where only that of the machine stands: in brackets, behind `MAC`, before its name. */
  readonly isOwnMac: boolean
  /** The name that the line gives to the machine with the MAC. */
  readonly name: string | undefined
  /** Names in the words that look like those HPS gives: `sch-001`. */
  readonly mentioned: readonly string[]
  readonly words: string
}

const GROUP = /^\s*(?:\[([^\]]*)\]|\([^)]*\))/
const MAX_GROUPS = 8
const LEVELS: ReadonlySet<string> = new Set(['ERROR', 'WARN', 'WARNING', 'INFO', 'DEBUG'])
/** The address of one interface: the lowest bit of the first byte is that of groups (IEEE 802). */
const BARE_MAC = '[0-9a-f][02468ace][0-9a-f]{10}'
const IN_BRACKETS = new RegExp(`^${BARE_MAC}$`)
const IN_WORDS = new RegExp(String.raw`(?:(\bMAC:? )|\b[Ff]or |\bto |\b[Hh]ost(?: initialised)?: |\bce_approve: |\bUnconfigure |/|\[)(${BARE_MAC})(?![0-9a-f])`, 'g')
const NAME = String.raw`[a-z]{2,5}-\d{3,4}`
const MENTIONED = new RegExp(String.raw`\b${NAME}\b`, 'g')
/** What HPS calls the machines it installs. */
export const isHpsName = (name: string): boolean => new RegExp(`^${NAME}$`).test(name)
/** `… complete for 5254009c4c24: sch-001 (10.99.1.2)`, `MAC: 5254009c4c24, Node: sch-001`, `… for 5254009c4c24 (sch-001 @ 10.99.1.2)`. */
const NAMED = new RegExp(String.raw`${BARE_MAC}(?:: | \(|, Node: )(${NAME})\b`)

export function parseHpsLine(text: string): HpsLine {
  const groups: string[] = []
  let words = text
  for (let count = 0; count < MAX_GROUPS; count++) {
    const group = GROUP.exec(words)
    if (group === null) break
    if (group[1] !== undefined) groups.push(group[1])
    words = words.slice(group[0].length)
  }
  words = words.trim()
  const bracketed = groups.filter((group) => IN_BRACKETS.test(group))
  const found = [...words.matchAll(IN_WORDS)]
  const macs = new Set([...bracketed, ...found.map((match) => match[2]!)])
  const [mac] = macs
  const isServers = groups.length > 1 && LEVELS.has(groups[1]!)
  const name = macs.size === 1 ? NAMED.exec(words)?.[1] : undefined
  return {
    origin: isServers ? hostNameOf(groups[0]!) : '',
    isServers,
    isError: groups.includes('ERROR') || /^(?:Init )?ERROR\b/.test(words),
    mac: macs.size === 1 ? parseMac(mac!) : undefined,
    isOwnMac: bracketed.length > 0 || name !== undefined || found.some((match) => match[1] !== undefined),
    name,
    mentioned: words.match(MENTIONED) ?? [],
    words,
  }
}
