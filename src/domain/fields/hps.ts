import { APP, BOOT_APP, HUB_APP, LABEL_PREFIX } from '../wire.ts'
import type { TakeField } from './field.ts'

/** As many groups as the parser looks at for a level. */
const MAX_GROUPS = 8
const GROUP = /^ *(?:\[([^\]]{0,510})\]|\(([^)]{0,510})\))/
const LEVELS: readonly string[] = ['ERROR', 'WARN', 'WARNING', 'INFO', 'DEBUG']
const SUBSYSTEMS: readonly string[] = ['LIO', 'ZPOOL', 'ZFS', 'iSCSI', 'PKG', 'MOD', 'NET', 'ctrl-exec', 'opensvc', 'API', 'OK']
const FUNCTION = /^[A-Za-z_][\w-]{0,126}$/
const LEVEL_WORD = /^(ERROR|WARNING|WARN|INFO|DEBUG):/
const MAC = /(?<![0-9A-Fa-f])(?:[0-9A-Fa-f]{12}|[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5})(?![0-9A-Fa-f])/
const ADDRESS = /(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?!\.?\d)/
const STATE = /\b(?:STATE|[Ss]tate)(?: to)?:? '?([A-Z][A-Z_]{2,40})\b'?/
const STEP = /^Step (\d{1,4})(?:\/(\d{1,4}))?\b/
const INIT_STEP = /^Init (?:ERROR )?\[(\d{1,4})\/(\d{1,4})\]/
const ACTION = /^Init (?:ERROR(?: \[\d{1,4}\/\d{1,4}\])?: (?:Function not found|Failed \(\d{1,4}\)):|\[\d{1,4}\/\d{1,4}\]: (?:Starting|Success:)) ([^]{1,200})$/
const NODE = /^(?:Setting hostname|Generated hostname|Network configuration complete for \S{12,17}): ([\w.-]{1,253})|, Node: ([\w.-]{1,253}),|^Syslog configured for ([\w.-]{1,253})$|^([\w.-]{1,253}) \([\d.]{7,15}\) added\/updated|^ce_approve: .*\(([\w.-]{1,253}) @ /

export interface HpsLine {
  origin?: string
  /** As it is written, of the line itself or of the text that it relays. */
  level?: string
  function?: string
  client?: string
  subsystem?: string
  step?: string
  steps?: string
  action?: string
  node?: string
  mac?: string
  address?: string
  state?: string
}
const NAMES = ['origin', 'level', 'function', 'client', 'subsystem', 'step', 'steps', 'action', 'node', 'mac', 'address', 'state'] as const satisfies readonly (keyof HpsLine)[]

interface Said { readonly app: string; readonly procid: string; readonly text: string }

/** What a line of HPS says in its own shapes (docs/reference/wire.md), where `app` is of its family. */
export function takeHps(said: Said, take: TakeField): void {
  const line = readHpsLine(said)
  if (line !== undefined) NAMES.every((name) => line[name] === undefined || take({ kind: 'hps', name: `hps.${name}`, value: line[name] }))
}

/** @returns undefined where the APP-NAME is not of the family, or is a word of the wire contract */
export function readHpsLine({ app, procid, text }: Said): HpsLine | undefined {
  if (!isFamily(app)) return undefined
  const { groups, rest } = splitGroups(text.replace(LABEL_PREFIX, ''))
  const line: HpsLine = {}
  if (app === 'hps' && FUNCTION.test(procid)) line.function = procid
  const own = groups[0] !== undefined && isNamed(groups[0]) && groups[1]?.isLevel === true ? readEnvelope(groups, line) : groups
  for (const group of own) readGroup(group, line)
  readWords(rest, line)
  const mac = MAC.exec(text)
  if (mac !== null) line.mac ??= mac[0]
  const address = ADDRESS.exec(text)
  if (address !== null) line.address = address[0]
  return line
}

const NO_FAMILY: readonly string[] = [APP.session, APP.ack, APP.trigger, HUB_APP, BOOT_APP]
const isFamily = (app: string): boolean => app === 'hps' || (app.startsWith('hps-') && app.length > 4 && !NO_FAMILY.includes(app))

interface Group { readonly text: string; readonly isRound: boolean; readonly isLevel: boolean }

function splitGroups(text: string): { readonly groups: readonly Group[]; readonly rest: string } {
  const groups: Group[] = []
  let rest = text
  for (let match = GROUP.exec(rest); match !== null && groups.length < MAX_GROUPS; match = GROUP.exec(rest)) {
    const isRound = match[1] === undefined
    groups.push({ text: match[1] ?? match[2]!, isRound, isLevel: !isRound && LEVELS.includes(match[1]!) })
    rest = rest.slice(match[0].length)
  }
  return { groups, rest: rest.trimStart() }
}

const isNamed = ({ isRound, isLevel }: Group): boolean => !isRound && !isLevel

/** `[origin] [LEVEL] [function] [call stack] (client)`. @returns the groups behind it */
function readEnvelope(groups: readonly Group[], line: HpsLine): readonly Group[] {
  line.origin = groups[0]!.text
  line.level = groups[1]!.text
  const client = groups.findIndex(({ isRound }) => isRound)
  if (client < 0) return groups.slice(2)
  if (client > 2) line.function = groups[2]!.text
  line.client = groups[client]!.text
  return groups.slice(client + 1)
}

/** A group of the node's own words. */
function readGroup({ text, isRound, isLevel }: Group, line: HpsLine): void {
  if (isRound) return
  if (isLevel) line.level = nextLevel(line.level, text)
  else if (SUBSYSTEMS.includes(text)) line.subsystem ??= text
  else if (MAC.exec(text)?.[0] === text) line.mac ??= text
  else if (FUNCTION.test(text)) line.function = text
}

/** As the parser decides about the severity: behind the INFO of a relayed line the node's own level counts. */
const nextLevel = (known: string | undefined, next: string): string => (known === undefined || known === 'INFO' ? next : known)

function readWords(rest: string, line: HpsLine): void {
  const level = rest.startsWith('Init ERROR') ? 'ERROR' : LEVEL_WORD.exec(rest)?.[1]
  if (level !== undefined) line.level = nextLevel(line.level, level)
  const step = STEP.exec(rest) ?? INIT_STEP.exec(rest)
  if (step !== null) {
    line.step = step[1]!
    if (step[2] !== undefined) line.steps = step[2]
  }
  const action = ACTION.exec(rest)
  if (action !== null) line.action = action[1]!
  const node = NODE.exec(rest)
  if (node !== null) line.node = node.slice(1).find((name) => name !== undefined)!
  const state = STATE.exec(rest)
  if (state !== null) line.state = state[1]!
}
