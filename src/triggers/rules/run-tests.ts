import { FACILITIES, SEVERITIES } from '#domain/severity.ts'
import type { StoredMessage } from '#domain/message.ts'
import { findingsOf } from '../alerts/from-hits.ts'
import { createAlertLife, type AlertLife } from '../alerts/life.ts'
import { createMemoryAlertStore, type MemoryAlertStore } from '../alerts/memory-store.ts'
import { createPolicies } from '../alerts/policies.ts'
import { createRulesEngine, type RulesEngine } from '../engine.ts'
import type { RuleHit } from '../protocol.ts'
import type { RuleFault } from './fault.ts'
import type { Expectation, Fields, Rule, RuleTest, Step } from './rule.ts'

const IGNORED_COUNTERS = { add() {} }
const DAEMON = FACILITIES.indexOf('daemon')
/** Start of the virtual clock; nothing depends on it. */
const EPOCH_MS = Date.UTC(2026, 0, 1)

/** What is left of a test's world between two expectations. */
interface World {
  nowMs: number
  seq: number
  readonly ids: Map<string, number>
  readonly store: MemoryAlertStore
  readonly life: AlertLife
  readonly fresh: Fields[]
  emitted: Fields[]
}

/** The tests of a rule that do not come out as expected. They run through the engine and the alerts that run live, on a clock of their own. A rule that is `off` or `shadow` is tested as if it were live. */
export function runTests(rule: Rule): RuleFault[] {
  const live = { ...rule, policy: { ...rule.policy, status: 'live' as const } }
  const engine = createRulesEngine({ rules: [live], counters: IGNORED_COUNTERS })
  return rule.tests.flatMap((test) => {
    const failure = runTest(test, { rule: live, engine })
    return failure === undefined ? [] : [{ ...failure, message: `test “${test.name}”: ${failure.message}` }]
  })
}

function runTest(test: RuleTest, { rule, engine }: { readonly rule: Rule; readonly engine: RulesEngine }): RuleFault | undefined {
  const policies = createPolicies()
  policies.replace([rule.policy])
  const store = createMemoryAlertStore()
  const fresh: Fields[] = []
  const life = createAlertLife({
    store, policies, titleOf: ({ title }) => title, refused: () => undefined,
    stepped: ({ alert, transition: { to, reason } }) => void (to === 'firing' && reason !== 'returned' && fresh.push(alert.fields)),
  })
  const world: World = { nowMs: 0, seq: 0, ids: new Map(), store, life, fresh, emitted: [] }
  for (const step of test.steps) {
    const wrong = runStep(step, test, { world, engine })
    if (wrong !== undefined) return { path: step.path, message: wrong }
  }
  return undefined
}

function runStep(step: Step, test: RuleTest, { world, engine }: { readonly world: World; readonly engine: RulesEngine }): string | undefined {
  switch (step.kind) {
    case 'advance':
      moveClock(world, world.nowMs + step.byMs)
      return undefined
    case 'line':
      if (step.atMs < world.nowMs) return 'the line is earlier than the one before'
      moveClock(world, step.atMs)
      for (const hit of engine.evaluateMessages([messageOf(step, test, world)])) take(world, hit, step)
      return undefined
    case 'event':
      return undefined
    case 'expect': {
      const wrong = check(step.expect, world)
      world.fresh.length = 0
      world.emitted = []
      return wrong
    }
  }
}

function moveClock(world: World, toMs: number): void {
  world.nowMs = toMs
  world.life.passTime(EPOCH_MS + toMs)
}

function idOf(world: World, name: string): number {
  return name === '' ? 0 : world.ids.getOrInsertComputed(name, () => world.ids.size + 1)
}

function messageOf(line: Step & { kind: 'line' }, test: RuleTest, world: World): StoredMessage {
  return {
    seq: ++world.seq, receivedMs: EPOCH_MS + world.nowMs, sentMs: undefined, facility: FACILITIES[line.facility ?? DAEMON]!, severity: SEVERITIES[line.severity]!,
    host: line.node, app: line.app, procid: '', msgid: '', structuredData: '', text: line.text, label: '', raw: new Uint8Array(0), format: 'rfc5424', faults: [],
    sourceId: 1, nodeId: idOf(world, `node ${line.node}`), sessionId: line.session === '' ? 0 : idOf(world, `session ${line.session}`),
    method: test.evidence === 'B' ? 'lease' : 'host-name', confidence: 90,
  }
}

function take(world: World, hit: RuleHit, line: Step & { kind: 'line' }): void {
  const fields = { node: line.node, session: line.session, app: hit.app, host: hit.host, severity: hit.severity, ...hit.captures }
  if (hit.emit !== undefined) world.emitted.push({ ...fields, event: hit.emit.event ?? '', stage: hit.emit.stage ?? '', evidence: hit.evidence })
  for (const finding of findingsOf([hit])) world.life.find({ ...finding, fields })
}

function check(expect: Expectation, world: World): string | undefined {
  const open = world.store.all.filter(({ state }) => state === 'firing' || state === 'acknowledged')
  const resolved = world.store.all.filter(({ state }) => state === 'resolved').map(({ fields }) => fields)
  const matching = open.filter(({ fields }) => fits(fields, expect.firing ?? {}))
  if (expect.firing !== undefined && matching.length === 0) return `expected firing ${show(expect.firing)}, but ${list('firing', open.map(({ fields }) => fields))}`
  if (expect.not_firing !== undefined && open.some(({ fields }) => fits(fields, expect.not_firing!))) return `${show(expect.not_firing)} is firing`
  if (expect.resolved !== undefined && !resolved.some((fields) => fits(fields, expect.resolved!))) return `expected ${show(expect.resolved)} to be resolved, but ${list('resolved', resolved)}`
  if (expect.emits !== undefined && !world.emitted.some((fields) => fits(fields, expect.emits!))) return `expected ${show(expect.emits)} to be emitted, but ${list('emitted', world.emitted)}`
  const counts = matching.map(({ count }) => count)
  if (expect.count !== undefined && !(counts.length === 1 && counts[0] === expect.count)) return `expected count ${expect.count}, but ${counts.length === 0 ? 'nothing is firing' : `it is ${counts.join(', ')}`}`
  const isNew = world.fresh.length > 0 || (expect.emits === undefined && world.emitted.length > 0)
  return expect.nothing_new === true && isNew ? `expected nothing new, but ${world.fresh.length > 0 ? list('firing', world.fresh) : list('emitted', world.emitted)}` : undefined
}

const fits = (fields: Fields, wanted: Fields): boolean => Object.entries(wanted).every(([name, value]) => fields[name] === value)
const show = (fields: Fields): string => JSON.stringify(fields)
const list = (what: string, all: readonly Fields[]): string => (all.length === 0 ? `nothing is ${what}` : `${what} is ${all.slice(0, 3).map(show).join(', ')}`)
