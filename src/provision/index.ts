import { canonicalIp, createIpSet } from '#base/ip.ts'
import type { Clock } from '#base/time.ts'
import { AppFault } from '#domain/fault.ts'
import { createHubEventRecords, createProvisionRecords, createRegistryRecords, type HubDatabase } from '#store/index.ts'
import type { Logger, Metrics } from '#telemetry/index.ts'
import { createApplier, type Applier } from './apply.ts'
import { resolveAsset } from './assets.ts'
import { createBoots } from './boots.ts'
import { createCommitQueue } from './commit-queue.ts'
import type { BootConfig } from './config.ts'
import { decide, type DecideOptions } from './decide.ts'
import { countNodes, createProvisionCounts } from './metrics.ts'
import type { BootDecision, BootPart, NodesPart } from './parts.ts'
import { createNodes } from './registry.ts'
import { createScriptWriter, type CompileTemplate } from './script.ts'
import { shareAsks } from './shared-asks.ts'
import type { AskWriter } from './writer.ts'

export { ARGUMENT_NAMES } from './boots.ts'
export { next, type LifecycleContext } from './lifecycle.ts'
export { PROVISION_METRICS } from './metrics.ts'
export { MAX_UNDER_WAY as MAX_BOOT_DECISIONS } from './shared-asks.ts'
export type { BootDecision, BootFacts, BootPart, NodeChange, NodeHistoryView, NodesPart, NodeView } from './parts.ts'
export { NOT_ENTERED, TRANSITIONS } from './transitions.ts'
export type { AskWriter, WriterAnswer, WriterRequest } from './writer.ts'

export interface ProvisionOptions {
  /** Main's own connection; state, history and fields are written through it. */
  readonly db: HubDatabase
  readonly config: BootConfig
  readonly writer: AskWriter
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Pick<Metrics, 'add' | 'set' | 'onCollect' | 'measure'>
  /** The render room's `compile`. */
  readonly compile: CompileTemplate
  /** Absolute path of the asset folder. */
  readonly assetsDirectory: string
}

export interface Provision {
  readonly boot: BootPart
  readonly nodes: NodesPart
  /** An event of a rule or operator; inside a transaction of the same connection it is part of that. */
  readonly applyEvent: Applier['apply']
}

/** The room: boot decisions, the registry's face, the lifecycle. Throws when `allow_from` or a template cannot be read. */
export function createProvision({ db, config, writer, clock, log, metrics, compile, assetsDirectory }: ProvisionOptions): Provision {
  const count = createProvisionCounts(metrics)
  const records = createProvisionRecords(db)
  countNodes(metrics, records)
  const registry = createRegistryRecords(db)
  const applier = createApplier({ records, events: createHubEventRecords(db), config, log, count })
  const commits = createCommitQueue({ transaction: (body) => records.transaction(body), defer: (run) => void setImmediate(run) })
  metrics.measure('hps_boot_writes_waiting', () => commits.waiting)
  const bootOf = createBoots({ profiles: config.profiles, assetsDirectory, compile })
  const options: DecideOptions = { config, records, registry, applier, commits, ask: patient(writer), clock, log, count, bootOf }
  const scripts = createScriptWriter(compile)
  const allowed = createIpSet()
  for (const network of config.allow_from) if (!allowed.add(network)) throw new Error(`boot.allow_from: "${network}" is not an address or CIDR prefix`)
  const busy = (): BootDecision => {
    count.decision('busy')
    return { outcome: 'wait', why: 'too many machines are asking at once', node: null, session: null, state: null, retryAfterSeconds: config.hold_seconds }
  }
  return {
    boot: {
      decide: shareAsks({ decide: (facts) => decide(facts, options), busy, count }),
      script: (decision) => scripts.script(decision),
      bootstrap: (hubUrl) => scripts.bootstrap(hubUrl),
      asset: (path) => resolveAsset(assetsDirectory, path),
      mayAsk: (address) => allowed.has(canonicalIp(address) ?? address),
    },
    nodes: createNodes({ config, records, registry, applier, commits, ask: writer, clock, log }),
    applyEvent: (event) => applier.apply(event),
  }
}

/** A machine that asks while the log writer is overrun or stopping is told to come again, not that something is wrong. */
function patient(writer: AskWriter): AskWriter {
  return async (request) => {
    try {
      return await writer(request)
    } catch (error) {
      if (error instanceof AppFault && (error.code === 'too-many' || error.code === 'shutting-down')) return { ok: false, code: 'too-many', reason: error.message }
      throw error
    }
  }
}
