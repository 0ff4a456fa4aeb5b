import type { LifecycleState } from '#domain/lifecycle.ts'
import { directive, type Directive } from './directive.ts'
import { noteHardware, twinOf } from './hardware-notes.ts'
import { identify, type Identity } from './identify.ts'
import type { CountProvision } from './metrics.ts'
import type { BootDecision, BootFacts } from './parts.ts'
import { DECISION_REASONS, type Because } from './reasons.ts'
import type { Room } from './room.ts'

/** Names of machines that nobody named: `mac-525400123456`. */
export const UNKNOWN_PREFIX = 'mac-'
/** Machines that are known by their MAC only and wait; beyond it the next unknown one waits without being written down. */
const MAX_UNKNOWN = 10_000

export interface DecideOptions extends Room {
  readonly count: CountProvision
  /** Kernel, initrds and arguments of a profile for this boot, or why it cannot be booted. */
  readonly bootOf: (node: BootingNode) => Required<Pick<BootDecision, 'kernelUrl' | 'initrdUrls' | 'args'>> | Because
}

/** What the arguments of a profile may speak about. */
export interface BootingNode {
  readonly profile: NonNullable<Directive['profile']>
  readonly node: string
  readonly session: string | undefined
  readonly hub: string
  readonly mac: string
  readonly address: string
  readonly labels: Readonly<Record<string, string>>
}

interface Known { readonly id: number; readonly name: string }
interface Decided extends Because { readonly node?: string; readonly state?: LifecycleState | undefined; readonly session?: string | undefined; readonly boot?: Partial<BootDecision> }

/** One decision: who asks, may it, what state is it in, what is it told. Every way out has its reason. */
export async function decide(facts: BootFacts, options: DecideOptions): Promise<BootDecision> {
  const decided = await reach(facts, options)
  const { reason, why, node, state, session, boot } = decided
  const outcome = DECISION_REASONS[reason]
  options.count.decision(reason)
  const level = reason === 'lease-contradicts' ? 'warn' : 'info'
  options.log[level]({ outcome, reason, node: node ?? '-', state: state ?? '-', session: session ?? '-', mac: facts.mac ?? '-', address: facts.address, agent: facts.userAgent, why }, 'boot decision')
  return {
    outcome,
    why,
    node: node ?? null,
    session: session ?? null,
    state: state ?? null,
    ...(outcome === 'wait' ? { retryAfterSeconds: options.config.hold_seconds } : {}),
    ...boot,
  }
}

async function reach(facts: BootFacts, options: DecideOptions): Promise<Decided> {
  const { ask, registry, config, count, log } = options
  const identity = await identify(facts, { ask, registry, lease: config.lease })
  if ('reason' in identity) {
    if (identity.reason === 'lease-contradicts') count.contradiction('lease')
    return identity
  }
  if (identity.lease === 'contradicts') {
    count.contradiction('lease')
    log.warn({ mac: identity.mac, address: identity.address }, 'boot request contradicts the lease of its address')
  }
  const node = await known(identity, options)
  return 'reason' in node ? node : answer({ facts, identity, node }, options)
}

/** The node that asks; an unknown one gets a name of its own and waits, or is refused. */
async function known(identity: Identity, { registry, records, config, ask }: DecideOptions): Promise<Known | Because> {
  const { mac, nodeId } = identity
  const found = nodeId === undefined ? undefined : registry.findById(nodeId)
  if (found !== undefined) return found
  if (nodeId !== undefined) return { reason: 'busy', why: `the hub is still writing down node ${nodeId}` }
  const twin = twinOf(identity.hardware, { records, registry })
  const hint = twin === undefined ? '' : `; its hardware id is that of ${twin}: add the MAC there if it is that machine`
  if (config.unknown === 'refuse') return { reason: 'unknown-refused', why: `${mac} is unknown and unknown machines are refused${hint}` }
  if (identity.evidence === 'C') return { reason: 'unknown', why: `${mac} is unknown, and its address is leased to another machine` }
  if (registry.countNamed(UNKNOWN_PREFIX, MAX_UNKNOWN) >= MAX_UNKNOWN) return { reason: 'busy', why: `${MAX_UNKNOWN} unknown machines are waiting already` }
  const name = `${UNKNOWN_PREFIX}${mac.replaceAll(':', '')}`
  const made = await ask({ kind: 'register', name, macs: [mac] })
  if (!made.ok || made.nodeId === undefined) return { reason: 'busy', why: `the hub could not write ${mac} down: ${made.ok ? 'no id' : made.reason}` }
  return { id: made.nodeId, name }
}

async function answer(
  { facts, identity, node }: { readonly facts: BootFacts; readonly identity: Identity; readonly node: Known },
  options: DecideOptions,
): Promise<Decided> {
  const { records, config, ask, applier } = options
  const expected = applier.preview({ nodeId: node.id, event: 'boot.decide', evidence: identity.evidence })
  const soon = expected.kind === 'moved' ? expected.to : expected.state
  const kind = sessionKind(directive({ node: node.name, state: soon, profile: records.find(node.id)?.profile, profiles: config.profiles }), soon)
  const opened = await ask({ kind: 'open', nodeId: node.id, origin: 'decision', sessionKind: kind, address: identity.address, isIpxe: facts.userAgent.startsWith('iPXE/') })
  if (!opened.ok) options.log.warn({ node: node.name, reason: opened.reason }, 'no session for a boot decision')
  const session = opened.ok ? opened.hash : undefined
  const state = await noteAsk({ identity, node, sessionId: opened.ok ? opened.sessionId : undefined }, options)
  const row = records.find(node.id)
  const told = directive({ node: node.name, state, profile: row?.profile, profiles: config.profiles })
  const about = { node: node.name, state, session }
  if (told.profile === undefined) return { reason: told.reason, why: told.why, ...about }
  const { mac, address } = identity
  const boot = options.bootOf({ profile: told.profile, node: node.name, session, hub: facts.hubUrl, mac, address, labels: row?.labels ?? {} })
  return 'reason' in boot ? { ...boot, ...about } : { reason: told.reason, why: told.why, ...about, boot }
}

interface Asking { readonly identity: Identity; readonly node: Known; readonly sessionId: number | undefined }

/** Tells the lifecycle that the machine asked; only what changes something costs a write. */
async function noteAsk({ identity, node, sessionId }: Asking, options: DecideOptions): Promise<LifecycleState | undefined> {
  const { applier, records, commits, clock } = options
  const event = { nodeId: node.id, event: 'boot.decide', evidence: identity.evidence } as const
  const expected = applier.preview(event)
  const hardware = noteHardware(identity, node, options)
  if (expected.kind !== 'moved' && hardware === undefined) return expected.state
  const reason = `${identity.mac} at ${identity.address} (${identity.lease})`
  return commits.run(() => {
    const outcome = applier.apply({ ...event, actor: 'boot', reason, sessionId, nowMs: clock() })
    if (hardware !== undefined && outcome.kind !== 'refused') records.setHardware(node.id, hardware)
    return outcome.kind === 'moved' ? outcome.to : outcome.state
  })
}

function sessionKind(told: Directive, state: LifecycleState | undefined): 'boot' | 'install' | 'rescue' {
  if (state === 'rescue') return 'rescue'
  return told.profile?.boot.boot === 'install' ? 'install' : 'boot'
}
