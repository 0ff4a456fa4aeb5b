import type { HubEvent, HubEventKind } from '#domain/hub-event.ts'
import { createCorrelator, type CorrelatorOptions } from '#triggers/correlate/create-correlator.ts'
import type { Correlator, Fulfilled, NewFinding, Occurrence, StateRow } from '#triggers/correlate/correlator.ts'
import type { CorrelateCounter } from '#triggers/correlate/counters.ts'
import type { Inventory, NodeFacts } from '#triggers/inventory.ts'
import type { Line } from '#triggers/match/line.ts'
import type { PatternRole } from '#triggers/rules/patterns.ts'
import { patternsOf } from '#triggers/rules/patterns.ts'
import type { Match, Pattern, Rule, When } from '#triggers/rules/rule.ts'

const NO_MATCH: Match = { app: undefined, host: undefined, facilities: undefined, severities: undefined, contains: [], regex: undefined, fields: [], not: undefined, any: [], all: [] }
/** A pattern for messages with these named groups; who tests says what fulfils it. */
export const line = (...groups: readonly string[]): Pattern => ({
  kind: 'line',
  match: groups.length === 0 ? NO_MATCH : { ...NO_MATCH, regex: { source: groups.join(), groups, test: () => true, captures: () => ({}) } },
})
export const event = (kind: HubEventKind = 'state'): Pattern => ({ kind: 'event', event: { event: kind, to: undefined, from: undefined } })

export function aRule(when: When, more: Partial<Pick<Rule, 'id' | 'by' | 'resolveOn' | 'stateVersion' | 'version' | 'emit'>> = {}): Rule {
  const { id = 'a.rule', version = 'v1', stateVersion = 's1', by = ['node'] } = more
  const policy: Rule['policy'] = {
    rule: id, version, stateVersion, severity: 'error', status: 'live', title: id, by, forMs: 0, holdMs: 0, resolve: { quietMs: undefined, atSessionEnd: false, never: false },
    notify: undefined, escalate: [], inhibit: undefined, raisesAlerts: true, runbook: undefined, owner: undefined,
  }
  // Only what a memory looks at; what a rule says beside it is no business of these tests.
  const rule: Partial<Rule> = {
    id, version, stateVersion, file: 'test.yaml', pack: 'test', when, by, where: undefined, trust: 'any', resolveOn: more.resolveOn, emit: more.emit, suppress: undefined, policy,
    tags: [], requires: [], falseAlarms: undefined, tests: [],
  }
  return rule as Rule
}

export const aLine = (atMs: number, more: Partial<Line> = {}): Occurrence => ({
  kind: 'line',
  line: { seq: 1, receivedMs: atMs, app: 'kernel', host: 'n1', facility: 0, severity: 4, text: 'a line', nodeId: 1, sessionId: 0, sourceId: 9, evidence: 'B', ...more },
})
export const anEvent = (atMs: number, more: Partial<HubEvent> = {}): Occurrence => ({
  kind: 'event',
  event: { kind: 'state', id: 1, to: 'running', from: '', nodeId: 1, sessionId: 0, seq: 0, atMs, evidence: 'A', fields: {}, ...more },
})

/** Nodes by id; what is not said is empty. */
export function anInventory(nodes: Readonly<Record<number, Partial<NodeFacts>>> = {}): Inventory {
  const facts = new Map(Object.entries(nodes).map(([id, more]): [number, NodeFacts] => [
    Number(id),
    { nodeId: Number(id), name: `n${id}`, state: 'running', profile: '', labels: {}, sessionId: 0, stage: '', ...more },
  ]))
  return { facts: (nodeId) => facts.get(nodeId), all: () => facts.values() }
}

export type RoleName = PatternRole['role'] | `step${number}`
/** The patterns of these roles, all with the same captures. */
export function fulfils(rule: Rule, roles: RoleName | readonly RoleName[], captures: Readonly<Record<string, string>> = {}): readonly Fulfilled[] {
  const names = patternsOf(rule).map((one): RoleName => (one.role === 'step' ? `step${one.step}` : one.role))
  return [roles].flat().map((role) => ({ pattern: names.indexOf(role), captures }))
}

export interface Bench {
  readonly correlator: Correlator
  readonly counted: Map<CorrelateCounter, number>
  /** Advances to the time of the occurrence, then takes it; everything that was found, as lines. */
  take(rule: Rule, roles: RoleName | readonly RoleName[], occurrence: Occurrence, captures?: Readonly<Record<string, string>>): string[]
  advance(toMs: number): string[]
}

export function bench(rules: readonly Rule[], more: Partial<Pick<CorrelatorOptions, 'inventory' | 'bounds' | 'seed'>> = {}): Bench {
  const counted = new Map<CorrelateCounter, number>()
  const counters = { add: (name: CorrelateCounter, value = 1) => void counted.set(name, (counted.get(name) ?? 0) + value), set: (name: CorrelateCounter, value: number) => void counted.set(name, value) }
  const correlator = createCorrelator({ rules, inventory: anInventory(), counters, ...more })
  const advance = (toMs: number): string[] => advanceAll(correlator, toMs).map(show)
  return {
    correlator, counted, advance,
    take: (rule, roles, occurrence, captures) => [...advance(timeOf(occurrence)), ...correlator.take(rule, fulfils(rule, roles, captures), occurrence).map(show)],
  }
}
const timeOf = (occurrence: Occurrence): number => (occurrence.kind === 'line' ? occurrence.line.receivedMs : occurrence.event.atMs)

export function advanceAll(correlator: Correlator, toMs: number): NewFinding[] {
  const found = [...correlator.advance(toMs)]
  while (correlator.nextDueMs !== undefined && correlator.nextDueMs <= toMs) found.push(...correlator.advance(toMs))
  return found
}

/** `600 raise a.rule ["node=1"] counted count=3` */
export function show({ atMs, kind, rule, key, reason, fields, isLate }: NewFinding): string {
  const named = Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => ` ${name}=${value}`)
  return `${atMs} ${kind} ${rule} ${key} ${reason}${named.join('')}${isLate ? ' late' : ''}`
}

/** The table of states as the disk would have it. */
export function createTable() {
  const rows = new Map<string, StateRow>()
  return {
    rows,
    save(correlator: Correlator): void {
      for (const { rule, stateVersion, key, state } of correlator.changes()) {
        const id = JSON.stringify([rule, stateVersion, key])
        if (state === undefined) rows.delete(id)
        else rows.set(id, { rule, stateVersion, key, state: Uint8Array.from(state) })
      }
    },
  }
}
