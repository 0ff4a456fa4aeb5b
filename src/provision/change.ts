import { canonicalIp } from '#base/ip.ts'
import { parseMac } from '#base/mac.ts'
import { didYouMean } from '#base/text.ts'
import { LIFECYCLE_EVENTS, LIFECYCLE_STATES, type LifecycleEvent, type LifecycleState } from '#domain/lifecycle.ts'
import { MAX_HOST_NAME } from '#domain/wire.ts'
import type { BootConfig } from './config.ts'
import type { NodeChange } from './parts.ts'

/** A change that was checked: canonical addresses, known words. */
export interface CheckedChange {
  readonly rename: string | undefined
  readonly macs: readonly string[] | undefined
  readonly addresses: readonly string[] | undefined
  readonly aliases: readonly string[] | undefined
  /** null removes a label. */
  readonly labels: Readonly<Record<string, string | null>> | undefined
  readonly profile: string | null | undefined
  readonly expectedState: LifecycleState | null | undefined
  readonly event: OperatorEvent | undefined
}
export type OperatorEvent = Extract<LifecycleEvent, `op.${string}`>

/** What one node may have. */
const MAX = { macs: 32, addresses: 64, aliases: 32, labels: 64, labelValue: 256 } as const
/** RFC 1123 section 2.1: letters, digits and inner hyphens, at most 63; lower case, because DNS does not tell them apart. */
const NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/
const LABEL_KEY = /^[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?$/
const FIELDS: readonly string[] = ['name', 'rename', 'macs', 'addresses', 'aliases', 'labels', 'profile', 'expected_state', 'event']
const OPERATOR_EVENTS = LIFECYCLE_EVENTS.filter((event): event is OperatorEvent => event.startsWith('op.'))

const isNodeName = (name: string): boolean => NAME.test(name)

/** @returns the checked change and every fault found, as sentences; with a fault the change must not be used */
export function checkChange(name: string, change: NodeChange, profiles: BootConfig['profiles']): { readonly change: CheckedChange; readonly faults: readonly string[] } {
  const faults: string[] = []
  const fault = (text: string): void => void faults.push(`${name}: ${text}`)
  for (const key of Object.keys(change)) {
    const meant = didYouMean(key, FIELDS)
    if (!FIELDS.includes(key)) fault(`unknown field "${key}"${meant === undefined ? '' : ` (did you mean "${meant}"?)`}`)
  }
  for (const [what, text] of [['name', name], ['rename', change.rename]] as const) {
    if (text !== undefined && !isNodeName(text)) fault(`${what} "${text}" is not a host name label (RFC 1123: a-z, 0-9 and inner hyphens, at most 63)`)
  }
  const checked: CheckedChange = {
    rename: change.rename,
    macs: canonicalList({ items: change.macs, max: MAX.macs, what: 'a MAC address', canonical: parseMac, fault }),
    addresses: canonicalList({ items: change.addresses, max: MAX.addresses, what: 'an IP address', canonical: canonicalIp, fault }),
    aliases: canonicalList({ items: change.aliases, max: MAX.aliases, what: 'a host name', canonical: hostName, fault }),
    labels: change.labels,
    profile: change.profile,
    expectedState: change.expected_state as LifecycleState | null | undefined,
    event: change.event as OperatorEvent | undefined,
  }
  checkLabels(change.labels, fault)
  const word = (what: string, value: string | null | undefined, known: readonly string[]): void => {
    if (typeof value === 'string' && !known.includes(value)) fault(`${what} "${value}" is not known; there is ${known.join(', ') || 'none in the configuration'}`)
  }
  word('profile', change.profile, Object.keys(profiles))
  word('expected state', change.expected_state, LIFECYCLE_STATES)
  word('event', change.event, OPERATOR_EVENTS)
  return { change: checked, faults }
}

function hostName(text: string): string | undefined {
  const name = text.toLowerCase().replace(/\.$/, '')
  return name.length <= MAX_HOST_NAME && name.split('.').every((label) => NAME.test(label)) ? name : undefined
}

interface ListCheck {
  readonly items: readonly string[] | undefined
  readonly max: number
  readonly what: string
  readonly canonical: (text: string) => string | undefined
  readonly fault: (text: string) => void
}

function canonicalList({ items, max, what, canonical, fault }: ListCheck): readonly string[] | undefined {
  if (items === undefined) return undefined
  if (items.length > max) fault(`${items.length} entries where each is ${what}, at most ${max} are kept`)
  const found = items.map((item) => {
    const value = canonical(item)
    if (value === undefined) fault(`"${item}" is not ${what}`)
    return value
  })
  return [...new Set(found.filter((value) => value !== undefined))].sort()
}

function checkLabels(labels: NodeChange['labels'], fault: (text: string) => void): void {
  const entries = Object.entries(labels ?? {})
  if (entries.length > MAX.labels) fault(`${entries.length} labels, at most ${MAX.labels} are kept`)
  for (const [key, value] of entries) {
    if (!LABEL_KEY.test(key)) fault(`label "${key}" is not a key (a-z, 0-9 and inner . _ -, at most 63)`)
    // oxlint-disable-next-line no-control-regex -- finding control characters is the purpose
    if (value !== null && (value.length > MAX.labelValue || /[\u0000-\u001f\u007f]/.test(value))) fault(`the value of label "${key}" is longer than ${MAX.labelValue} or has control characters`)
  }
}
