import type { ExplainView, SuggestLine, WhyNotView, WhyPart } from '#api/index.ts'
import { formatUtc } from '#base/time.ts'
import type { Alert } from '#domain/alert.ts'
import { isOpen } from '#domain/alert.ts'
import { AppFault } from '#domain/fault.ts'
import type { StoredMessage } from '#domain/message.ts'
import { SEVERITIES } from '#domain/severity.ts'
import { createAlertRecords, createHubEventRecords, createNotifyRecords, type ReaderClient, type ResolvedQuery } from '#store/index.ts'
import { MAX_STUDIED, MISSES, whyNot, type ChosenLine, type MessageStudy, type Mutes, type NodeStudy, type RuleSummary, type Rung, type StoppedRule, type StudyAnswer, type StudyQuestion, type SuggestQuestion, type Suggestion } from '#triggers/index.ts'
import type { Names } from '../names.ts'
import type { Records } from '../records.ts'
import { readSince } from './since.ts'

/** What is looked back at where nobody says. */
const DEFAULT_SINCE = '24h'
const SEARCH_MS = 5000
const MAX_NOTICES = 20
/** Alerts of one rule among which that of a key is looked for. */
const MAX_ALERTS = 50
/** Hub events of all nodes among which those of one are looked for. */
const MAX_EVENTS = 5000

export interface WhyPartOptions {
  readonly ask: (question: StudyQuestion) => Promise<StudyAnswer>
  readonly reader: Pick<ReaderClient, 'message' | 'messages' | 'search'>
  readonly records: Pick<Records, 'db' | 'nodes' | 'outbox'>
  readonly names: Names
  readonly mutes: Mutes
  readonly rules: { list(): readonly RuleSummary[]; faults(): readonly string[]; costs(): { readonly stopped: readonly StoppedRule[] } | undefined }
  /** Makes a rule of lines, in another thread. */
  readonly suggest: (question: SuggestQuestion) => Promise<Suggestion>
  readonly clock: () => number
}

/** What is known here, beside what the rules thread says. Everything is bounded: reads by number, searches and the thread by a deadline. */
export function createWhyPart({ ask, reader, records: { db, nodes, outbox }, names, mutes, rules, suggest, clock }: WhyPartOptions): WhyPart {
  const alerts = createAlertRecords(db)
  const notify = createNotifyRecords(db)
  const events = createHubEventRecords(db)

  async function asked<K extends StudyAnswer['kind']>(question: StudyQuestion, kind: K): Promise<Extract<StudyAnswer, { kind: K }>> {
    const answer = await ask(question)
    if (answer.kind === kind) return answer as Extract<StudyAnswer, { kind: K }>
    if (answer.kind === 'no-rule') throw new AppFault('not-found', 'There is no such rule in use')
    throw new AppFault(answer.kind === 'not-ready' ? 'conflict' : 'internal', answer.kind === 'failed' ? `The rules could not be asked: ${answer.reason}` : 'The rules are not in use yet')
  }

  async function stored(seq: number): Promise<StoredMessage> {
    const message = await reader.message(seq)
    if (message === undefined) throw new AppFault('not-found', `There is no message ${seq}; it may have passed its retention`)
    return message
  }

  /** The alert of a key that the message went into, else the open one. */
  function alertOf(rule: string, key: string, { seq, receivedMs }: StoredMessage): Alert | undefined {
    const of = alerts.list({ rules: [rule], limit: MAX_ALERTS }).filter((alert) => alert.key === key)
    return of.find((alert) => covers(alert, { seq, receivedMs })) ?? alerts.open(rule, key)
  }

  function presentStudy(study: MessageStudy['rules'][number], message: StoredMessage): ExplainView['rules'][number] {
    const { rule, status, isStopped, patterns, where, isTrusted, trust, suppressedBy, key, state } = study
    const stops = [
      ...(status === 'off' ? ['its status is off'] : []), ...(isStopped ? ['the breaker has stopped the rule'] : []), ...where.map(({ fact, asked: wanted, has }) => `where: ${fact} is ${has === '' ? 'not known' : has}, not ${wanted}`),
      ...(isTrusted ? [] : [`trust: its node is not proven as \`${trust}\` asks`]), ...(suppressedBy === undefined ? [] : [`rule ${suppressedBy} leaves it out`]), ...(key === undefined ? ['it lacks a field of the key'] : []),
    ]
    const alert = key === undefined ? undefined : alertOf(rule, key, message)
    return {
      rule, status, passes: stops.length === 0, stops, patterns: patterns.map(({ role, captures }) => ({ role, captures: { ...captures } })), key: key ?? null,
      state: state === undefined ? null : { summary: state.summary, have: state.have ?? null, need: state.need ?? null, due: timeOf(state.dueMs) },
      alert: alert === undefined ? null : presentAlert(alert, message),
    }
  }

  function presentAlert(alert: Alert, message: StoredMessage): NonNullable<ExplainView['rules'][number]['alert']> {
    const { id, state, count, title } = alert
    return {
      id, state, count, title, has_message: covers(alert, message), mutes: isOpen(alert) ? mutes.at(clock())(alert).map(({ mute, why }) => ({ mute, why })) : [],
      notices: outbox.list(MAX_NOTICES, { alertId: id }).map((row) => ({ id: row.id, state: row.state, channel: row.channel, receiver: row.receiver, done: timeOf(row.doneMs), last_error: row.lastError ?? null })),
    }
  }

  async function search(query: ResolvedQuery, limit: number): Promise<readonly StoredMessage[]> {
    const page = await reader.search(query, { limit, order: 'newest', deadlineAtMs: clock() + SEARCH_MS })
    return page.messages
  }

  async function studyOf(rule: string, { nodeId, sinceMs }: { readonly nodeId: number; readonly sinceMs: number }): Promise<{ readonly study: NodeStudy; readonly isCut: boolean }> {
    const { outline } = await asked({ kind: 'outline', rule }, 'outline')
    const apps = outline.apps?.map((value): ResolvedQuery => ({ kind: 'field', field: 'app', value }))
    const query: ResolvedQuery = { kind: 'and', terms: [...ofNode(nodeId, sinceMs), ...(apps === undefined || apps.length === 0 ? [] : [{ kind: 'or', terms: apps } as const])] }
    const messages = outline.about === 'messages' ? await search(query, MAX_STUDIED) : []
    const known = outline.about === 'events' ? events.after(events.newest() - MAX_EVENTS, MAX_EVENTS).filter((event) => event.nodeId === nodeId && event.atMs >= sinceMs).toReversed() : []
    const { study } = await asked({ kind: 'node', rule, nodeId, messages, events: known }, 'node')
    return { study, isCut: study.isCut || messages.length >= MAX_STUDIED }
  }

  function alertAbout(rule: string, nodeId: number, key: string | undefined): Alert | undefined {
    const of = alerts.list({ rules: [rule], nodeIds: [nodeId], limit: MAX_ALERTS })
    return of.find(isOpen) ?? (key === undefined ? undefined : alerts.open(rule, key)) ?? of[0]
  }

  return {
    async explain(seq) {
      const message = await stored(seq)
      const { study } = await asked({ kind: 'message', message }, 'message')
      return {
        message: { seq, received: formatUtc(message.receivedMs), node: names.node(message.nodeId) ?? null, app: message.app, severity: message.severity, text: message.text },
        looked_at: seq <= study.cursor, tried: study.tried, complete: !study.isCut, rules: study.rules.map((one) => presentStudy(one, message)),
        near: study.near.map(({ rule, role, hasLiteral, misses }) => ({ rule, role, has_literal: hasLiteral, misses: misses.map((miss) => ({ ...miss, means: MISSES[miss.kind] })) })),
      }
    },

    async whyNot({ rule, node, since = DEFAULT_SINCE }) {
      const nowMs = clock()
      const sinceMs = readSince(since, nowMs)
      const [nodeId] = node.endsWith('*') ? [] : nodes.idsNamed(node)
      if (nodeId === undefined) throw new AppFault('not-found', `There is no node ${node}`)
      const isKnown = rules.list().some(({ id }) => id === rule)
      const [newest] = await search({ kind: 'and', terms: ofNode(nodeId, sinceMs) }, 1)
      const studied = isKnown ? await studyOf(rule, { nodeId, sinceMs }) : undefined
      const study = studied?.study
      const found = alertAbout(rule, nodeId, study?.taken?.key)
      // what was over before is another story
      const alert = found !== undefined && (isOpen(found) || found.lastMs >= sinceMs) ? found : undefined
      const { rungs, verdict } = whyNot({
        rule, node, sinceMs, study, faults: rules.faults(), stoppedUntilMs: rules.costs()?.stopped.find((one) => one.rule === rule)?.untilMs, alert, mutes: alert === undefined ? [] : mutes.at(nowMs)(alert),
        newest: newest === undefined ? undefined : { seq: newest.seq, atMs: newest.receivedMs, text: newest.text },
        groups: alert === undefined ? [] : notify.membersOf(alert.id).map(({ receiver, key, what }) => ({ receiver, what, dueMs: notify.group(receiver, key)?.dueMs })),
        notices: alert === undefined ? [] : outbox.list(MAX_NOTICES, { alertId: alert.id }), told: alert === undefined ? [] : notify.toldOf(alert.id),
      })
      return { rule, node, since: formatUtc(sinceMs), verdict: presentRung(verdict), rungs: rungs.map(presentRung), alert: alert?.id ?? null, looked: study?.looked ?? 0, complete: studied?.isCut !== true }
    },

    async suggest({ id, good, bad }) {
      const lines = async (given: readonly (number | SuggestLine)[]): Promise<readonly ChosenLine[]> => Promise.all(given.map(async (line) => chosen(typeof line === 'number' ? await stored(line) : line)))
      const suggestion = await suggest({ id, good: await lines(good), bad: await lines(bad) })
      if (!suggestion.ok) return { good: false, text: null, reason: suggestion.reason, detail: suggestion.detail, regex: null, contains: null, groups: [], remarks: [] }
      const { text, regex = null, contains = null, groups, remarks } = suggestion
      return { good: true, text, reason: null, detail: null, regex, contains, groups: [...groups], remarks: [...remarks] }
    },
  }
}

const timeOf = (ms: number | undefined): string | null => (ms === undefined ? null : formatUtc(ms))
const covers = ({ firstSeq, lastSeq, firstMs, lastMs }: Alert, { seq, receivedMs }: Pick<StoredMessage, 'seq' | 'receivedMs'>): boolean => (firstSeq <= seq && seq <= lastSeq) || (firstMs <= receivedMs && receivedMs <= lastMs)
const ofNode = (nodeId: number, fromMs: number): readonly ResolvedQuery[] => [{ kind: 'ids', field: 'node', ids: [nodeId] }, { kind: 'time', fromMs, untilMs: undefined }]
const presentRung = ({ gate, outcome, why, seq, atMs }: Rung): WhyNotView['verdict'] => ({ gate, outcome, why, message: seq === 0 ? null : seq, at: timeOf(atMs) })
const chosen = ({ app, severity, text }: { readonly app: string; readonly severity: string; readonly text: string }): ChosenLine => ({ app, severity: SEVERITIES.findIndex((word) => word === severity), text })
