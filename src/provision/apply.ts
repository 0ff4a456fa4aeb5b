import type { EvidenceClass, LifecycleEvent, LifecycleState } from '#domain/lifecycle.ts'
import type { Logger } from '#telemetry/index.ts'
import type { HubEventRecords, ProvisionFields, ProvisionRecords } from '#store/index.ts'
import type { BootConfig } from './config.ts'
import { next, type LifecycleContext } from './lifecycle.ts'
import type { CountProvision } from './metrics.ts'
import type { ApplyRefusal } from './reasons.ts'

/** Something that happened to a node, from an operator, the boot API or a rule. */
export interface AppliedEvent {
  readonly nodeId: number
  readonly event: LifecycleEvent
  readonly evidence: EvidenceClass
  /** Who: `operator:anna`, `boot`, `rule:os.ready@3`. */
  readonly actor: string
  /** Added to the table's own why, `` for none. */
  readonly reason: string
  readonly messageSeq?: number | undefined
  readonly sessionId?: number | undefined
  readonly nowMs: number
  /** Changed together with the state; only an operator's event has them. */
  readonly fields?: ProvisionFields | undefined
}

type ApplyOutcome =
  | { readonly kind: 'moved'; readonly from: LifecycleState | undefined; readonly to: LifecycleState; readonly why: string }
  | { readonly kind: 'unchanged'; readonly state: LifecycleState; readonly why: string }
  | { readonly kind: 'refused'; readonly refused: ApplyRefusal; readonly state: LifecycleState | undefined; readonly why: string }

export interface Applier {
  /** Decides and writes state and history row in one transaction, or as a savepoint of the caller's. */
  apply(event: AppliedEvent): ApplyOutcome
  /** What `apply` would say, without doing it. */
  preview(event: Pick<AppliedEvent, 'nodeId' | 'event' | 'evidence' | 'fields'>): ApplyOutcome
}

export interface ApplierOptions {
  readonly records: ProvisionRecords
  readonly events: Pick<HubEventRecords, 'add'>
  readonly config: Pick<BootConfig, 'profiles' | 'unknown'>
  readonly log: Logger
  readonly count: CountProvision
}

export function createApplier({ records, events, config, log, count }: ApplierOptions): Applier {
  const preview: Applier['preview'] = ({ nodeId, event, evidence, fields }) => {
    const row = records.find(nodeId)
    const profile = fields?.profile === undefined ? row?.profile : (fields.profile ?? undefined)
    const context: LifecycleContext = {
      evidence,
      profileBoot: profile === undefined ? undefined : config.profiles[profile]?.boot,
      ...records.past(nodeId),
      unknownPolicy: config.unknown,
    }
    const answer = next(row?.state, event, context)
    if ('refused' in answer) return { kind: 'refused', refused: answer.refused, state: row?.state, why: answer.why }
    if (answer.to === row?.state) return { kind: 'unchanged', state: answer.to, why: answer.why }
    return { kind: 'moved', from: row?.state, to: answer.to, why: answer.why }
  }

  const apply = (event: AppliedEvent): ApplyOutcome =>
    records.transaction(() => {
      if (!records.nodeExists(event.nodeId)) return { kind: 'refused', refused: 'no-such-node', state: undefined, why: `there is no node ${event.nodeId}` }
      const outcome = preview(event)
      if (outcome.kind === 'moved') {
        const { nodeId, event: name, evidence, actor, messageSeq, sessionId, nowMs } = event
        const reason = event.reason === '' ? outcome.why : `${outcome.why}: ${event.reason}`
        const entry = { atMs: nowMs, from: outcome.from, to: outcome.to, event: name, evidence, actor, reason, messageSeq, sessionId }
        if (!records.move(nodeId, records.find(nodeId)?.version ?? 0, entry)) {
          return { kind: 'refused', refused: 'conflict', state: outcome.from, why: 'the node was changed meanwhile' }
        }
        // for rules, which read it from hub.db
        events.add({ kind: 'state', to: outcome.to, from: outcome.from ?? '', nodeId, sessionId: sessionId ?? 0, seq: messageSeq ?? 0, atMs: Math.round(nowMs), evidence, fields: {} })
      }
      if (outcome.kind !== 'refused' && event.fields !== undefined) records.setFields(event.nodeId, event.fields)
      return outcome
    })

  return {
    preview,
    apply(event) {
      const outcome = apply(event)
      const about = { node_id: event.nodeId, event: event.event, evidence: event.evidence, actor: event.actor }
      count.transition(outcome.kind === 'refused' ? outcome.refused : outcome.kind)
      if (outcome.kind === 'moved') log.info({ ...about, from: outcome.from ?? '-', to: outcome.to, why: outcome.why }, 'node state changed')
      else if (outcome.kind === 'refused') log.warn({ ...about, state: outcome.state ?? '-', refused: outcome.refused, why: outcome.why }, 'node state change refused')
      return outcome
    },
  }
}
