import { cut, printable } from '#base/text.ts'
import { evidenceOf } from '#domain/evidence.ts'
import { IDENTITY_METHODS, type IdentityMethod } from '#domain/message.ts'
import { severityCode } from '#domain/severity.ts'
import { createOutboxRecords, type HubDatabase } from '#store/index.ts'
import type { Logger, Metrics } from '#telemetry/index.ts'
import type { CommandRefusal } from './metrics.ts'
import { dedupKey, type FormerNotice as Notice } from './notice.ts'
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
}

export interface CommandsOptions {
  readonly db: HubDatabase
  readonly clock: () => number
  readonly routes: () => Routes
  readonly names: { node(id: number): string | null | undefined; session(id: number): string | null | undefined }
  readonly log: Logger
  readonly metrics: Pick<Metrics, 'add'>
}

/** Commands of one node in `WINDOW_MS`; more are refused: a loop in a script must not fill a mailbox. */
const MAX_PER_WINDOW = 20
const WINDOW_MS = 3_600_000
/** Nodes that are remembered; the one that began first is forgotten first. */
const MAX_NODES = 10_000
const MAX_TITLE_CHARACTERS = 200

/** Obeys `notify` of nodes that are proven (evidence B), to receivers by their own name; a refusal is logged with its reason. Returns whether there is something new to send. */
export function createCommands(options: CommandsOptions): (command: TriggerCommand) => boolean {
  const { clock, routes, names, log, metrics } = options
  const outbox = createOutboxRecords(options.db)
  const windows = new Map<number, { fromMs: number; count: number }>()

  function isTooMany(nodeId: number): boolean {
    const nowMs = clock()
    const known = windows.get(nodeId)
    if (known !== undefined && nowMs - known.fromMs < WINDOW_MS) return ++known.count > MAX_PER_WINDOW
    windows.delete(nodeId)
    if (windows.size >= MAX_NODES) windows.delete(windows.keys().next().value!)
    windows.set(nodeId, { fromMs: nowMs, count: 1 })
    return false
  }

  function refusal(command: TriggerCommand): CommandRefusal | undefined {
    if (evidenceOf(asMethod(command.method), command.nodeId) !== 'B') return 'unproven-node'
    if (!routes().names.includes(command.to)) return 'unknown-receiver'
    if (ruleSeverity(command.severity) === undefined) return 'bad-severity'
    return isTooMany(command.nodeId) ? 'too-many' : undefined
  }

  return (command) => {
    const refused = refusal(command)
    const about = { seq: command.seq, node: names.node(command.nodeId) ?? '-', to: printable(cut(command.to, 64)), method: command.method }
    if (refused !== undefined) {
      metrics.add('hps_trigger_commands_total', { outcome: refused })
      log.warn({ ...about, reason: refused }, 'trigger command refused')
      return false
    }
    const severity = ruleSeverity(command.severity)!
    const notice: Notice = {
      kind: 'command', title: cut(printable(command.subject).trim() || 'no subject', MAX_TITLE_CHARACTERS), severity, rule: 'hps-trigger', version: '1', key: `node=${command.nodeId}`,
      seq: command.seq, receivedMs: clock(), nodeId: command.nodeId, sessionId: command.sessionId, node: names.node(command.nodeId) ?? '', session: names.session(command.sessionId) ?? '',
      host: '', app: 'hps-trigger', text: command.body, fields: {}, count: 1, firstMs: clock(), runbook: undefined, owner: undefined, before: 5, after: 0,
    }
    const isNew = outbox.add({
      dedupKey: dedupKey({ rule: 'hps-trigger', version: '1', key: notice.key, seq: command.seq, receiver: command.to }),
      channel: 'mail', receiver: command.to, payload: JSON.stringify(notice), createdMs: clock(),
    })
    metrics.add('hps_trigger_commands_total', { outcome: 'queued' })
    log.info(about, 'trigger command queued')
    return isNew
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
