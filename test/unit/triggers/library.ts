import { readdirSync, readFileSync } from 'node:fs'
import { formatTextFault } from '#domain/fault.ts'
import { createRenderer } from '#render/index.ts'
import { loadRules, readRuleFiles } from '#triggers/index.ts'
import { lineOfRow } from '#triggers/match/line.ts'
import type { Fields, Rule, RuleTest, Step } from '#triggers/rules/rule.ts'
import { createTestWorld, type TestWorld } from '#triggers/rules/test-world.ts'
import { createHub, START_MS, type Hub } from '../sessions/kit.ts'

const ROOT = new URL('../../../', import.meta.url)
export const fileText = (name: string): string => readFileSync(new URL(name, ROOT), 'utf8')
export const filesIn = (folder: string): readonly string[] => readdirSync(new URL(folder, ROOT)).sort()

/** The rules that come with the hub, their tests run; throws with every fault. */
export function shippedRules(): readonly Rule[] {
  const files = readRuleFiles([new URL('rules', ROOT).pathname])
  if (!files.ok) throw new Error(files.faults.map(formatTextFault).join('\n'))
  const loaded = loadRules(files.value, { renderer: createRenderer() })
  if (!loaded.ok) throw new Error(loaded.faults.map(formatTextFault).join('\n'))
  return loaded.value.rules
}

/** Messages as they were received, one a line; comments say where they are from. */
export const recorded = (name: string): readonly string[] => fileText(name).split('\n').filter((line) => line !== '' && !line.startsWith('# '))

/** What fired, as `rule severity fields`, of alerts that did more than begin. */
export function fired(world: TestWorld, rules: readonly Rule[]): readonly { readonly rule: string; readonly severity: string; readonly fields: Fields }[] {
  return rules.flatMap((rule) => world.alerts(rule.id).filter(({ alert }) => alert.state !== 'pending' && alert.firedMs !== undefined).map(({ alert, fields }) => ({ rule: rule.id, severity: alert.severity, fields })))
}

export const worldOf = (rules: readonly Rule[], inventory: RuleTest['inventory'] = {}): TestWorld => createTestWorld({ rules: rules as readonly [Rule, ...Rule[]], test: { evidence: 'B', inventory } })

/**
 * Frames go the way that they go live: parser, sources, nodes, boot sessions, stages; what comes out goes to the rules, with the
 * starts and stages of sessions as events. One batch for each call of `send`.
 */
export interface Replay {
  readonly hub: Hub
  readonly world: TestWorld
  send(from: string, frames: readonly string[]): void
  /** Of rules that are more than bookkeeping, once all that may be late is late. */
  complaints(): readonly string[]
}

export function createReplay(rules: readonly Rule[], inventory: RuleTest['inventory'] = {}): Replay {
  const hub = createHub()
  const world = worldOf(rules, inventory)
  /** Rules that report stages, each in a world of its own: what they report goes into the big one. */
  const reporters = rules.filter(({ emit }) => emit?.stage !== undefined).map((rule) => worldOf([rule]))
  const stages = new Map<number, string>()
  const current = new Map<number, number>()
  const atMs = (): number => Math.max(world.nowMs, hub.nowMs - START_MS)

  function tellSessions(): void {
    for (const session of hub.sessions().toReversed()) {
      const about = { path: [], kind: 'event', atMs: atMs(), node: hub.nodes.nameOf(session.nodeId) ?? '', session: `s${session.id}`, from: '', fields: {} } as const
      const before = stages.get(session.id)
      const stage = session.stage ?? ''
      const last = current.get(session.nodeId)
      if (before === undefined) {
        if (last !== undefined) world.event({ ...about, session: `s${last}`, event: 'session', to: 'end' })
        world.event({ ...about, event: 'session', to: 'start' })
        current.set(session.nodeId, session.id)
      }
      if (stage !== '' && stage !== before) world.event({ ...about, event: 'stage', to: stage })
      stages.set(session.id, stage)
    }
  }

  function tellReported(line: Extract<Step, { kind: 'line' }>): void {
    for (const reporter of reporters) {
      reporter.line(line)
      for (const { stage } of reporter.emitted) if (stage !== undefined && stage !== '') world.event({ path: [], kind: 'event', atMs: line.atMs, node: line.node, session: line.session, event: 'stage', to: stage, from: '', fields: {} })
      reporter.settle()
    }
  }

  return {
    hub,
    world,
    send(from, frames) {
      const rows = hub.send(from, frames)
      const batch = hub.appender.batches.at(-1)!
      for (const [row, { node, session }] of rows.entries()) {
        const { app, host, facility, severity, text } = lineOfRow(batch, row)
        const line = { path: [], kind: 'line', atMs: atMs(), node: node === '-' ? host || from : node, session: session === 0 ? '' : `s${session}`, app, facility, severity, text } as const
        world.line(line)
        tellReported(line)
      }
      tellSessions()
    },
    complaints() {
      world.passTo(world.nowMs + 6 * 3_600_000)
      return fired(world, rules).filter(({ severity }) => severity !== 'info').map(({ rule, fields }) => `${rule} ${JSON.stringify(fields)}`)
    },
  }
}
