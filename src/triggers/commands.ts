import { cut, printable } from '#base/text.ts'
import type { AlertSeverity } from '#domain/alert.ts'
import { evidenceOf } from '#domain/evidence.ts'
import { IDENTITY_METHODS, type IdentityMethod } from '#domain/message.ts'
import { severityCode } from '#domain/severity.ts'
import { createHubEventRecords, type HubDatabase } from '#store/index.ts'
import type { Logger, Metrics } from '#telemetry/index.ts'
import type { TriggersConfig } from './config.ts'
import type { CommandRefusal } from './metrics.ts'
import type { NoticeCommand } from './notice.ts'
import type { Notifying } from './notify/notifier.ts'
import { RULE_SEVERITIES, type RuleSeverity } from './protocol.ts'
import type { Routes } from './routes/routes.ts'

/** An `hps-trigger` message, parsed by the log writer; whether it is obeyed is decided here. */
export interface TriggerCommand {
  readonly seq: number
  readonly nodeId: number
  readonly sessionId: number
  readonly to: string
  readonly severity: string
  readonly subject: string
  readonly body: string
  readonly method: string
  /** What could not be read of it; the texts are empty then. */
  readonly fault?: string
}

export interface CommandsOptions {
  readonly db: HubDatabase
  readonly clock: () => number
  readonly config: TriggersConfig
  readonly routes: () => Routes
  readonly notifying: Pick<Notifying, 'command'>
  readonly names: { node(id: number): string | null | undefined; session(id: number): string | null | undefined }
  readonly log: Logger
  readonly metrics: Pick<Metrics, 'add'>
}

const WINDOW_MS = 3_600_000
/** Nodes that are remembered; the one that began first is forgotten first. */
const MAX_NODES = 10_000
const MAX_TITLE_CHARACTERS = 200
const MAX_BODY_CHARACTERS = 4000
/** Messages before it that the reader sees. */
const BEFORE = 5

/**
 * Obeys `notify` of nodes, as far as the configuration lets them: to receivers by their own name, at most so many in an hour. It waits for nobody,
 * but the peace and the cap of its receiver hold. A refusal is logged with its reason. Returns whether there is something new to send.
 */
export function createCommands(options: CommandsOptions): (command: TriggerCommand) => boolean {
  const { db, clock, config, routes, notifying, names, log, metrics } = options
  const events = createHubEventRecords(db)
  const windows = new Map<number, { fromMs: number; count: number }>()

  function isTooMany(nodeId: number): boolean {
    const nowMs = clock()
    const known = windows.get(nodeId)
    if (known !== undefined && nowMs >= known.fromMs && nowMs - known.fromMs < WINDOW_MS) return ++known.count > config.per_node_per_hour
    windows.delete(nodeId)
    if (windows.size >= MAX_NODES) windows.delete(windows.keys().next().value!)
    windows.set(nodeId, { fromMs: nowMs, count: 1 })
    return false
  }

  function refusal(command: TriggerCommand): CommandRefusal | undefined {
    if (!config.commands.includes('notify')) return 'off'
    if (config.trust === 'proven' && evidenceOf(asMethod(command.method), command.nodeId) !== 'B') return 'unproven-node'
    if (command.fault !== undefined) return 'malformed'
    if (!routes().names.includes(command.to)) return 'unknown-receiver'
    if (!config.receivers.some((name) => (name.endsWith('*') ? command.to.startsWith(name.slice(0, -1)) : command.to === name))) return 'receiver-not-allowed'
    const severity = ruleSeverity(command.severity)
    if (severity === undefined) return 'bad-severity'
    if (!config.severities.includes(severity)) return 'severity-not-allowed'
    return isTooMany(command.nodeId) ? 'too-many' : undefined
  }

  function obey(command: TriggerCommand, severity: AlertSeverity) {
    const nowMs = clock()
    const title = cut(printable(command.subject).trim() || 'no subject', MAX_TITLE_CHARACTERS)
    const told: NoticeCommand = {
      severity, title, body: cut(command.body, MAX_BODY_CHARACTERS), seq: command.seq, nodeId: command.nodeId, node: names.node(command.nodeId) ?? '',
      sessionId: command.sessionId, session: names.session(command.sessionId) ?? '', atMs: nowMs, before: BEFORE, after: 0,
    }
    const fate = notifying.command(told, command.to)
    if (fate === 'queued' || fate === 'held') {
      const evidence = evidenceOf(asMethod(command.method), command.nodeId)
      events.add({ kind: 'trigger', to: command.to, from: '', nodeId: command.nodeId, sessionId: command.sessionId, seq: command.seq, atMs: nowMs, evidence, fields: { subject: title, severity } })
    }
    return fate
  }

  return (command) => {
    const refused = refusal(command)
    const about = { seq: command.seq, node: names.node(command.nodeId) ?? '-', to: printable(cut(command.to, 64)), method: command.method, ...(command.fault === undefined ? {} : { fault: command.fault }) }
    const fate = refused === undefined ? db.transaction(() => obey(command, ruleSeverity(command.severity)!)).immediate() : 'refused'
    const reason = refused ?? (fate === 'full' ? 'outbox-full' : undefined)
    if (reason !== undefined) {
      metrics.add('hps_trigger_commands_total', { outcome: reason })
      log.warn({ ...about, reason }, 'trigger command refused')
      return false
    }
    if (fate === 'known') return false
    metrics.add('hps_trigger_commands_total', { outcome: fate })
    log.info(about, fate === 'held' ? 'trigger command held for a digest' : 'trigger command queued')
    return true
  }
}

const asMethod = (text: string): IdentityMethod => IDENTITY_METHODS.find((method) => method === text) ?? 'none'

/** A rule's severity, or a syslog one: err is error, crit and above are critical, notice and below are info. */
export function ruleSeverity(word: string): RuleSeverity | undefined {
  const own = RULE_SEVERITIES.find((severity) => severity === word)
  if (own !== undefined) return own
  const code = severityCode(word)
  if (code === undefined) return undefined
  if (code <= 2) return 'critical'
  return code === 3 ? 'error' : code === 4 ? 'warning' : 'info'
}
