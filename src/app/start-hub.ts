import { writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import packageJson from '../../package.json' with { type: 'json' }
import { createApi } from '#api/index.ts'
import { parseDurationMs } from '#base/duration.ts'
import { AppFault } from '#domain/fault.ts'
import type { BoundListener } from '#ingest/index.ts'
import { createProvision } from '#provision/index.ts'
import { createRenderer } from '#render/index.ts'
import { createAlertRecords, createLossRecords, decodeRow, readWatermark } from '#store/index.ts'
import { openBatch } from '#domain/batch.ts'
import { createAcking } from './acking.ts'
import { announce } from './announce.ts'
import type { HubConfig } from './config.ts'
import { createDoctor } from './doctor/doctor.ts'
import { layFoundation } from './foundation.ts'
import { createHubWrites } from './hub-writes.ts'
import { createLive } from './live.ts'
import { createNames } from './names.ts'
import { withBootLog } from './parts/boot.ts'
import { createKnownNames } from './known-names.ts'
import { createLossesPart } from './parts/losses.ts'
import { createLogsPart } from './parts/logs.ts'
import { presentMessage } from './parts/present.ts'
import { createAlertSilencesPart } from './parts/alert-silences.ts'
import { createAlertsPart } from './parts/alerts.ts'
import { createOutboxPart } from './parts/outbox.ts'
import { createRuleDesk } from './rule-desk.ts'
import { createRuleStudies } from './rule-study.ts'
import { createRulesPart } from './parts/rules.ts'
import { createStudyPart } from './parts/rule-study.ts'
import { createStudyDesk } from './study-desk.ts'
import { createWhyPart } from './parts/rule-why.ts'
import { createSessionsPart } from './parts/sessions.ts'
import { createSilencesPart } from './parts/silence.ts'
import { createSourcesPart } from './parts/sources.ts'
import { createStoring } from './storing.ts'
import { ensureOperatorToken, openTokens } from './parts/tokens.ts'
import { admitBody, hasBodyRoom, watchQueues } from './queues.ts'
import { createReactions } from './reactions.ts'
import { openReaders } from './readers.ts'
import { createReceipts } from './receipts.ts'
import { nameSource } from './records.ts'
import { createStream } from './stream.ts'
import { createSinking } from './sinking.ts'
import { runUntilStopped } from './shutdown.ts'
import { createSilences } from './silences.ts'
import { startThreads } from './threads/start.ts'
import { valueOf } from './threads/writer-client.ts'
import { createTriggering } from './triggering.ts'

/** Where people look: the address that mails name, too. */
const pagesUrl = (config: HubConfig): string => (config.http.public_url ?? `http://${hostname()}:${config.http.port}`).replace(/\/+$/, '')

export interface StartHubOptions {
  readonly config: HubConfig
  /** Aborted: stop reading, commit, end. */
  readonly signal: AbortSignal
  /** A line for whoever started the hub. */
  readonly print: (line: string) => void
}

export interface RunningHub {
  readonly httpUrl: string
  readonly syslog: readonly BoundListener[]
  /** Opens the pages as operator; the token is in the fragment, which browsers do not send. */
  readonly operatorLink: string
  /** Reads the rule files, the routes and the certificates anew, and opens the files of sinks anew; what has faults leaves what is in use. Of a configuration that was read anew it takes `syslog.tags`. */
  reload(config?: Pick<HubConfig, 'syslog'>): void
  /** Resolves with the exit code when everything is written and closed. */
  readonly stopped: Promise<number>
}

/** Builds the parts in order, starts the threads, binds, and runs until the signal or until a thread dies. Rejects when a socket cannot be bound, a thread dies before, or the signal comes before; then everything has ended. */
export async function startHub({ config, signal, print }: StartHubOptions): Promise<RunningHub> {
  const startedMs = Date.now()
  const foundation = layFoundation({ config, print, version: packageJson.version })
  const { clock, paths, hubLog, log, metrics, health, records, lock } = foundation
  const names = createNames(nameSource(records), clock)
  const receipts = createReceipts()
  const renderer = createRenderer()

  const writes = createHubWrites({ log, metrics, health, probe: () => void records.db.exec('UPDATE cursors SET at_ms = at_ms'), after: (ms, work) => void setTimeout(work, ms).unref() })
  const stream = createStream({ log, metrics, health, receipts, writes })
  const threads = startThreads({ config, paths, startCursor: () => stream.startCursor(records.db), metrics, on: stream.events })
  const knownNames = createKnownNames(records)
  const live = createLive({ decode: (batch, row) => presentMessage(decodeRow(batch, row), names), onSize: (size) => stream.setLive(size), onLeft: () => metrics.add('hps_live_batches_left_total'), now: () => performance.now() })
  const reader = openReaders({ directory: paths.log, watermark: threads.watermark, clock, metrics, readers: config.store.readers })
  const writer = stream.connect(threads)
  metrics.measure('hps_http_receipts_waiting', () => receipts.size)
  metrics.measure('hps_writer_commands_waiting', () => writer.pending)
  metrics.measure('hps_outbox_waiting_messages', () => records.outbox.waiting())
  metrics.measure('hps_main_behind_messages', () => Math.max(0, readWatermark(threads.watermark).lastSeq - stream.committedSeq))
  const queues = watchQueues({ config, metrics, clock, log })
  const tokens = openTokens({ records, writer, clock, log })
  const provision = createProvision({
    db: records.db, config: config.boot, writer: (request) => writer.ask(request), clock, log, metrics,
    compile: (request) => renderer.compile(request), assetsDirectory: paths.assets,
  })
  const triggering = createTriggering({
    config, paths, records, names, renderer, reader, provision, clock, log, metrics, health,
    reportStage(sighting) {
      // a stage is an observation: a writer that is overrun or ending loses it, and says so
      writer.ask({ kind: 'stage', ...sighting }).then(valueOf).catch((fault: unknown) => log.warn({ err: fault, stage: sighting.stage }, 'Stage of a session not noted'))
    },
  })
  const acking = createAcking({ reader, records, writer, names, clock, log, deadlineMs: parseDurationMs(config.store.search_deadline)!, listeners: config.syslog.listeners })
  const silences = createSilences({ records, reader, names, effects: triggering.silences, writes, log, clock, wakeOutbox: () => triggering.wake() })
  const react = createReactions({ acks: acking, names, tokens, log, writes, silences: (event) => silences.saw(event), obey: (command) => triggering.obey(command), wakeOutbox: () => triggering.wake() })
  const storing = createStoring({ paths, watermark: threads.watermark, reader, clock, log, metrics, toSealer: threads.toSealer })
  const sinking = createSinking({ clock: Date.now, configs: config.sinks, log, metrics, health, queues, toSinks: threads.toSinks })
  const studies = createRuleStudies({ send: (command) => threads.toRules(command), metrics })
  const ruleDesk = createRuleDesk(metrics)
  stream.follow({
    onSinks: (event) => sinking.on(event),
    onKeeper: (event) => storing.on(event),
    onCommitted(lastSeq, events) {
      react(events)
      live.committed(lastSeq)
    },
    onLive(header) {
      knownNames.stale()
      live.deliver(openBatch(header))
    },
    onRulesDeath: (death) => triggering.onRulesDeath(death),
    onRules(event) {
      if (event.kind !== 'studied') return triggering.on(event)
      studies.answered(event)
      return undefined
    },
  })

  const logs = createLogsPart({
    reader, live, ack: acking.ask, receipts, names, records, knownNames, clock, log, deadlineMs: parseDurationMs(config.store.search_deadline)!,
    committedSeq: () => stream.committedSeq,
    admit: () => admitBody(metrics),
    submit: (body) => threads.toIngest({ kind: 'http', ...body }),
  })
  const sources = createSourcesPart({ records, writer, config: config.sources, clock, message: (seq) => reader.message(seq).then((found) => found && presentMessage(found, names)) })
  const about = { version: packageJson.version, startedMs, hostName: hostname() }
  let listeners: readonly BoundListener[] = []
  const losses = createLossRecords(records.db)
  const api = createApi({
    config: config.http,
    parts: {
      log, metrics, health, clock, logs, tokens,
      about,
      nodes: provision.nodes,
      sessions: createSessionsPart({ records, losses, writer, clock, log, quietAfterMs: parseDurationMs(config.sessions.quiet_after)! }),
      sources,
      losses: createLossesPart({ records, losses, writer, clock }),
      silences: createSilencesPart({
        records, writer, reader, silences, names, clock, log, deadlineMs: parseDurationMs(config.store.search_deadline)!,
        settings: { minMs: parseDurationMs(config.sessions.silence.min)!, learnMs: parseDurationMs(config.sessions.silence.learn)! },
      }),
      boot: withBootLog(provision.boot, { ingest: (body) => logs.ingest(body), log }),
      outbox: createOutboxPart({ outbox: records.outbox, desk: triggering.outboxDesk, routes: () => triggering.routes(), tryOut: triggering.tryOut, wake: () => triggering.wake() }),
      alerts: createAlertsPart({
        records, triggers: triggering.alerts, context: (seq, before, after) => logs.context(seq, before, after), pagesUrl: pagesUrl(config), clock, log, wakeOutbox: () => triggering.wake(),
        every(ms, work) {
          const timer = setInterval(work, ms)
          return () => clearInterval(timer)
        },
      }),
      alertSilences: createAlertSilencesPart({ ...triggering.alerts, clock }),
      store: storing.part,
      sinks: () => sinking.list(),
      doctor: createDoctor({
        config, about, health, metrics, queues, losses, outbox: records.outbox, clock,
        listeners: () => listeners, sources: () => sources.known(), store: () => storing.part.stats(),
      }),
      study: createStudyPart({
        clock,
        desk: createStudyDesk({ metrics, databasePath: paths.database, logDirectory: paths.log, watermark: threads.watermark, directories: paths.rules, routes: { configured: config.rules.routes, data: paths.data } }),
      }),
      why: createWhyPart({ ask: (question) => studies.ask(question), reader, records, names, mutes: triggering.alerts.mutes, rules: triggering.rules, suggest: (question) => ruleDesk({ kind: 'suggest', question }), clock }),
      rules: createRulesPart({ rules: triggering.rules, alerts: createAlertRecords(records.db), directories: paths.rules, routes: { configured: config.rules.routes, data: paths.data, directories: paths.rules }, desk: ruleDesk, clock }),
    },
  })
  const failure = Promise.withResolvers<void>()
  const stopped = runUntilStopped({ signal, failed: failure.promise, stream, threads, api, triggering, sinking, storing, reader, receipts, writer, hubLog, log, queues, records, lock, print })
  const unlessStopped = async <T>(step: Promise<T>): Promise<T> => Promise.race([step, stopped.then(() => Promise.reject(new AppFault('shutting-down', 'the hub was stopped while it started')))])
  try {
    const syslog = await unlessStopped(stream.listening)
    acking.recall()
    // what the hub before this one had not come to is known once the log writer has written what it found
    writer.ask({ kind: 'flush' }).then(() => silences.recall()).catch((fault: unknown) => log.warn({ err: fault }, 'Silences of before the start were not looked at'))
    listeners = syslog
    hubLog.connect((frames) => {
      const isRoom = hasBodyRoom(metrics)
      if (isRoom) threads.toIngest({ kind: 'hub', bytes: frames })
      return isRoom
    })
    const { port } = await unlessStopped(api.listen())
    const operator = ensureOperatorToken(tokens, paths.operatorToken)
    const httpUrl = `http://${config.http.address === '::' || config.http.address === '0.0.0.0' ? '127.0.0.1' : config.http.address}:${port}`
    writeFileSync(paths.hubUrl, `${httpUrl}\n`)
    const operatorLink = `${httpUrl}/#/login=${operator.secret}`
    for (const listener of syslog) if (listener.receiveBufferBytes !== undefined) metrics.set('hps_udp_receive_buffer_bytes', listener.receiveBufferBytes, { listener: listener.name })
    announce({ print, log, httpUrl, syslog, version: packageJson.version, operatorLink: operator.isNew ? operatorLink : undefined, tokenFile: paths.operatorToken, data: paths.data })
    const reload: RunningHub['reload'] = (anew) => {
      log.info({}, 'Reading rules, routes, tags and certificates anew')
      threads.toIngest({ kind: 'certificates' })
      if (anew !== undefined) threads.toIngest({ kind: 'tags', tags: anew.syslog.tags })
      triggering.reloadRoutes()
      threads.toRules({ kind: 'reload' })
      sinking.reopen()
    }
    return { httpUrl, syslog, operatorLink, reload, stopped }
  } catch (fault) {
    failure.resolve()
    await stopped
    throw fault
  }
}
