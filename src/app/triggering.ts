import { formatTextFault } from '#domain/fault.ts'
import { stageOrder, type Stage } from '#domain/stages.ts'
import type { Provision } from '#provision/index.ts'
import type { Renderer } from '#render/index.ts'
import {
  createAlertRecords, createAlertSilenceRecords, createLossRecords, createPlannedRecords, createProvisionRecords, isDiskFault, type ReaderClient,
} from '#store/index.ts'
import type { Health, Logger, Metrics } from '#telemetry/index.ts'
import {
  alertField, createCommands, createEffects, createMutes, createOwnAlerts, createPolicies, createRulesStatus, createSilenceEffects, createSilencing, loadRoutes,
  NO_ROUTES, registerHealth, RULE_STATUSES, type AlertNames, type ReportedEvent, type ReportOutcome, type Routes, type RulesEvent, type TriggerCommand,
} from '#triggers/index.ts'
import type { HubConfig } from './config.ts'
import { createLossLines } from './loss-lines.ts'
import type { Names } from './names.ts'
import { createNotices } from './notifying.ts'
import type { HubPaths } from './paths.ts'
import type { Records } from './records.ts'
import type { RulesDeath } from './threads/rules-keeper.ts'
import { behindTrouble, endedTrouble, refusedTrouble } from './rules-trouble.ts'

/** Alerts that have been over for long are removed this often. */
const SWEEP_EVERY_MS = 60_000
/** How the rules stand is looked at this often. */
const LOOK_EVERY_MS = 10_000

export interface TriggeringOptions {
  readonly config: HubConfig
  readonly paths: HubPaths
  readonly records: Records
  readonly names: Names
  readonly renderer: Renderer
  readonly reader: Pick<ReaderClient, 'context'>
  readonly provision: Pick<Provision, 'applyEvent'>
  readonly clock: () => number
  readonly log: Logger
  readonly metrics: Metrics
  readonly health: Health
  /** A rule saw a stage of a session. */
  reportStage(sighting: { readonly sessionId: number; readonly stage: Stage; readonly seq: number; readonly atMs: number }): void
}

/** Main's half of the triggers: what hits lead to, trigger commands, the outbox and the mail. */
export function createTriggering(options: TriggeringOptions) {
  const { config, paths, records, names, renderer, reader, clock, log, metrics, health } = options
  const status = createRulesStatus()
  let stoppedRules: ReadonlySet<string> = new Set()
  let routes: Routes = NO_ROUTES

  /** Keeps the routes in use when the file on disk has faults. */
  function reloadRoutes(): void {
    const loaded = loadRoutes({ configured: config.rules.routes, data: paths.data, directories: paths.rules })
    if (loaded.ok) {
      routes = loaded.value
      log.info({ file: routes.file ?? '-', receivers: routes.names.length }, 'Routes loaded')
    }
    else for (const fault of loaded.faults) log.error({ fault: formatTextFault(fault) }, 'Routes refused; those before stay in use')
  }
  reloadRoutes()

  function tellLoaded({ rules, tests, list, warnings }: Extract<RulesEvent, { kind: 'loaded' }>): void {
    log.info({ rules, tests }, 'Rules loaded')
    for (const warning of warnings) log.warn({ warning }, 'Rules')
    metrics.set('hps_rules_loaded', 1)
    for (const status of RULE_STATUSES) metrics.set('hps_rules', list.filter((rule) => rule.status === status).length, { status })
  }

  function tellCosts({ costs, stopped }: Extract<RulesEvent, { kind: 'costs' }>): void {
    const before = new Map(status.costs?.costs.map((cost) => [cost.rule, cost]))
    for (const { rule, candidates, matches, cpuMs } of costs) {
      const known = before.get(rule)
      metrics.add('hps_rule_candidates_total', { rule }, candidates - (known?.candidates ?? 0))
      metrics.add('hps_rule_conditions_total', { rule }, matches - (known?.matches ?? 0))
      metrics.add('hps_rule_cpu_seconds_total', { rule }, (cpuMs - (known?.cpuMs ?? 0)) / 1000)
    }
    for (const { rule, share, untilMs } of stopped) {
      if (stoppedRules.has(rule) || share === undefined) continue
      log.error({ rule, percent_of_a_core: Math.round(share * 100), until: new Date(untilMs).toISOString() }, 'A rule took too much time and was stopped: it is tried again later, or when rules are read again')
    }
    stoppedRules = new Set(stopped.map(({ rule }) => rule))
  }

  function tellRefused({ faults }: Extract<RulesEvent, { kind: 'refused' }>): void {
    metrics.set('hps_rules_loaded', 0)
    for (const fault of faults) log.error({ fault }, status.current === undefined ? 'Rules refused; none are in use' : 'Rules refused; those before stay in use')
  }

  const { db } = records
  const policies = createPolicies(({ rule }) => log.warn({ rule }, 'what an alert remembers of its rule cannot be read: without that rule it is over after a day of quiet'))
  const alerts = createAlertRecords(db)
  const provisioned = createProvisionRecords(db)
  const alertNames: AlertNames = { node: (id) => names.node(id), session: (id) => names.session(id), labels: (nodeId) => provisioned.find(nodeId)?.labels ?? {} }
  const silenceRecords = createAlertSilenceRecords(db)
  const mutes = createMutes({
    silences: silenceRecords, planned: createPlannedRecords(db), alerts, policies,
    fieldOf: (alert, field) => alertField(alert, field, alertNames), addressOf: (sourceId) => records.sources.byId(sourceId)?.address,
  })
  metrics.measure('hps_alert_silences', () => silenceRecords.ahead(clock()).length)
  const notices = createNotices({ config, paths, records, provisioned, names: alertNames, routes: () => routes, policies, mutes, renderer, reader, clock, log, metrics })
  const effects = createEffects({ db, clock, applyEvent: (event) => report(event, options), names, renderer, policies, notifier: notices.notifying, mutes, log, metrics })
  const obey = createCommands({ db, clock, config: config.triggers, routes: () => routes, notifying: notices.notifying, names, log, metrics })
  const silences = createSilenceEffects({ alerts, clock, routes: () => routes, receiver: config.sessions.silence.notify, effects })
  registerHealth(health, { status, config: config.mail, routes: () => routes })
  const ownAlerts = createOwnAlerts({ alerts, effects, clock })
  const lossLines = createLossLines({ losses: createLossRecords(db), clock, log })
  whenWritable('the ledger of losses', lossLines)
  const sweeper = setInterval(() => {
    whenWritable('alerts that are over', () => effects.sweep())
    whenWritable('the ledger of losses', lossLines)
  }, SWEEP_EVERY_MS)
  const watcher = setInterval(() => whenWritable('alerts about the rules', lookAtRules), LOOK_EVERY_MS)

  /** What rules cannot say of themselves. */
  function lookAtRules(): void {
    const standing = { behind: metrics.get('hps_rules_behind_messages'), watermarkMs: metrics.get('hps_rules_watermark_seconds') * 1000, nowMs: clock() }
    const isNews = [
      ownAlerts('rules-behind', behindTrouble(standing)),
      ownAlerts('rules-ended', endedTrouble({ ended: status.ended, nowMs: clock() })),
      ownAlerts('rules-refused', refusedTrouble({ isInUse: status.current !== undefined, faults: status.faults })),
    ].includes(true)
    if (isNews) notices.wake()
  }

  /** Work of a timer, which comes again. */
  function whenWritable(what: string, work: () => void): void {
    try {
      work()
    } catch (error) {
      if (!isDiskFault(error)) throw error
      log.warn({ what, reason: (error as Error).message }, 'hub.db cannot be written; tried again later')
    }
  }

  return {
    /** What people ask for and do about alerts. */
    alerts: { person: effects.person, mutes, silencing: createSilencing({ silences: silenceRecords, clock, log }), silences: silenceRecords, policies, names: alertNames },
    /** Of the rules in use, and of those that were refused. */
    rules: {
      list: () => status.current?.list ?? [],
      warnings: () => status.current?.warnings ?? [],
      faults: () => status.faults,
      costs: () => status.costs,
      matches: effects.matches,
    },
    routes: () => routes,
    outboxDesk: notices.desk,
    reloadRoutes,
    /** Sends a test at once; what each channel said. */
    tryOut: notices.tryOut,
    wake: notices.wake,
    obey: (command: TriggerCommand) => obey(command),
    silences,
    /** An event of the rules thread. @returns the cursor to acknowledge, if any */
    on(event: RulesEvent): number | undefined {
      if (event.kind === 'findings') {
        if (effects.apply(event)) notices.wake()
        return event.cursor
      }
      // first what the disk may refuse: then the event comes again, and nothing was done or said
      if (event.kind === 'loaded' && effects.replaceRules(event.policies)) notices.wake()
      if (event.kind === 'costs') tellCosts(event)
      status.take(event)
      if (event.kind === 'loaded') tellLoaded(event)
      if (event.kind === 'refused') tellRefused(event)
      if (event.kind === 'log') log[event.level](event.fields, event.message)
      return undefined
    },
    /** The rules thread ended by a fault, and is started again. */
    onRulesDeath({ reason, blame, isLeftOut, retryMs }: RulesDeath): void {
      metrics.add('hps_rules_deaths_total')
      status.end(blame === undefined ? reason : `${blame.rule}: ${reason}`, clock())
      log.error({ reason, ...blame, retry_ms: retryMs }, 'The rules ended by a fault; the hub goes on and starts them again where they were')
      if (isLeftOut) log.error({ rule: blame?.rule }, 'A rule took the rules down twice: it is left out for an hour, or until rules are read again')
      whenWritable('alerts about the rules', lookAtRules)
    },
    async stop() {
      clearInterval(sweeper)
      clearInterval(watcher)
      await notices.stop()
    },
  }
}

/** Evidence from a rule: the lifecycle is provisioning's, the stage the writer's. */
function report(event: ReportedEvent, { provision, reportStage }: TriggeringOptions): ReportOutcome {
  if (event.stage !== undefined && stageOrder(event.stage) >= 0 && event.sessionId !== 0) reportStage({ sessionId: event.sessionId, stage: event.stage as Stage, seq: event.seq, atMs: event.receivedMs })
  if (event.event === undefined) return event.stage === undefined ? 'ignored' : 'applied'
  const outcome = provision.applyEvent({
    nodeId: event.nodeId, event: event.event, evidence: event.evidence, actor: `rule:${event.rule}`, reason: event.title,
    messageSeq: event.seq, sessionId: event.sessionId, nowMs: event.receivedMs,
  })
  return outcome.kind === 'moved' ? 'applied' : 'ignored'
}
