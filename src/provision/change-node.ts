import { AppFault, type FaultCode } from '#domain/fault.ts'
import type { RegistryNode, RegistryRecords } from '#store/index.ts'
import type { AppliedEvent } from './apply.ts'
import type { CheckedChange, OperatorEvent } from './change.ts'
import { UNKNOWN_PREFIX } from './decide.ts'
import type { Room } from './room.ts'

export interface Change {
  readonly name: string
  readonly change: CheckedChange
  readonly actor: string
}

/** Makes or changes one node. `created`: no node of this name was registered; `changed`: something is different now. */
export async function changeNode({ name, change, actor }: Change, options: Room): Promise<{ readonly nodeId: number; readonly created: boolean; readonly changed: boolean }> {
  const { registry, records, applier, commits, clock, log } = options
  const before = registry.findByName(name) ?? heldMachine(change, registry)
  const row = before === undefined ? undefined : records.find(before.id)
  const event = change.event ?? impliedEvent(change, row?.state)
  const labels = mergedLabels(row?.labels ?? {}, change.labels)
  const fields = { profile: change.profile, expectedState: change.expectedState, labels }
  const isTouched = row === undefined || event !== undefined || differs(row, fields)

  const asked = event ?? (row === undefined ? 'op.release' : undefined)
  if (before !== undefined && asked !== undefined) {
    const outcome = applier.preview({ nodeId: before.id, event: asked, evidence: 'A', fields })
    if (outcome.kind === 'refused') throw new AppFault('not-allowed-now', `${name}: ${outcome.why}`)
  }
  const { nodeId, isChanged } = await register({ name, change, before }, options)
  if (isTouched) {
    await commits.run(() => {
      const applied: AppliedEvent | undefined = asked === undefined ? undefined : { nodeId, event: asked, evidence: 'A', actor, reason: '', nowMs: clock(), fields }
      if (applied === undefined) return records.setFields(nodeId, fields)
      const outcome = applier.apply(applied)
      if (outcome.kind === 'refused') throw new AppFault(outcome.refused === 'conflict' ? 'conflict' : 'not-allowed-now', `${name}: ${outcome.why}`)
    })
  }
  const changed = isChanged || isTouched
  if (changed) log.info({ node: change.rename ?? name, actor, profile: change.profile, event: asked, macs: change.macs, addresses: change.addresses }, 'node changed by an operator')
  return { nodeId, created: before?.registered !== true || before.name !== name, changed }
}

/** A machine that waits under its MAC's name is the node that an operator gives this MAC to: it keeps its id, session and log. */
function heldMachine(change: CheckedChange, registry: RegistryRecords): RegistryNode | undefined {
  const owners = new Set((change.macs ?? []).map((mac) => registry.ownerOfMac(mac)).filter((id) => id !== undefined))
  if (owners.size !== 1) return undefined
  const owner = registry.findById([...owners][0]!)
  return owner !== undefined && (owner.name.startsWith(UNKNOWN_PREFIX) || !owner.registered) ? owner : undefined
}

/** Giving a waiting node a profile configures it; a node at work keeps its state, and uses the profile at its next boot. */
function impliedEvent(change: CheckedChange, state: string | undefined): OperatorEvent | undefined {
  const isWaiting = state === undefined || ['discovered', 'ready', 'held'].includes(state)
  return typeof change.profile === 'string' && isWaiting ? 'op.configure' : undefined
}

async function register(
  { name, change, before }: { readonly name: string; readonly change: CheckedChange; readonly before: RegistryNode | undefined },
  { ask }: Room,
): Promise<{ readonly nodeId: number; readonly isChanged: boolean }> {
  const wanted = change.rename ?? name
  const isSame =
    before !== undefined && before.registered && before.name === wanted && sameList(change.macs, before.macs) && sameList(change.aliases, before.aliases) &&
    sameList(change.addresses, before.addresses.filter(({ kind }) => kind === 'registered').map(({ address }) => address))
  if (isSame) return { nodeId: before.id, isChanged: false }
  const answer = await ask({
    kind: 'register',
    name: before?.name ?? name,
    ...(before !== undefined && before.name !== wanted ? { rename: wanted } : {}),
    ...(before === undefined && change.rename !== undefined ? { rename: wanted } : {}),
    ...(change.macs === undefined ? {} : { macs: change.macs }),
    ...(change.addresses === undefined ? {} : { addresses: change.addresses }),
    ...(change.aliases === undefined ? {} : { aliases: change.aliases }),
  })
  if (!answer.ok) throw new AppFault(answer.code satisfies FaultCode, `${name}: ${answer.reason}`)
  if (answer.nodeId === undefined) throw new AppFault('internal', `${name}: the log writer gave no node id`)
  return { nodeId: answer.nodeId, isChanged: true }
}

const sameList = (wanted: readonly string[] | undefined, there: readonly string[]): boolean =>
  wanted === undefined || (wanted.length === there.length && [...wanted].sort().join('\n') === [...there].sort().join('\n'))

function mergedLabels(before: Readonly<Record<string, string>>, change: CheckedChange['labels']): Readonly<Record<string, string>> | undefined {
  if (change === undefined) return undefined
  const merged = Object.entries({ ...before, ...change }).filter((entry): entry is [string, string] => entry[1] !== null)
  return Object.fromEntries(merged.sort(([a], [b]) => (a < b ? -1 : 1)))
}

function differs(
  row: { readonly profile: string | undefined; readonly expectedState: string | undefined; readonly labels: Readonly<Record<string, string>> },
  fields: { readonly profile: string | null | undefined; readonly expectedState: string | null | undefined; readonly labels: Readonly<Record<string, string>> | undefined },
): boolean {
  const isOther = (wanted: string | null | undefined, there: string | undefined): boolean => wanted !== undefined && (wanted ?? undefined) !== there
  const isOtherLabels = fields.labels !== undefined && JSON.stringify(fields.labels) !== JSON.stringify(row.labels)
  return isOther(fields.profile, row.profile) || isOther(fields.expectedState, row.expectedState) || isOtherLabels
}
