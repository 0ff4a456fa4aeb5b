import { createBatch, type Batch } from '#domain/batch.ts'
import { IDENTITY_METHODS, type IdentityMethod, type StoredMessage } from '#domain/message.ts'
import { FACILITIES, SEVERITIES } from '#domain/severity.ts'
import { formatTextFault } from '#domain/fault.ts'
import { createRenderer } from '#render/index.ts'
import { createRulesEngine, loadRules } from '#triggers/index.ts'
import type { NewFinding } from '#triggers/correlate/correlator.ts'
import { createCorrelator } from '#triggers/correlate/create-correlator.ts'
import type { Taker } from '#triggers/engine.ts'
import type { Inventory } from '#triggers/inventory.ts'
import type { Rule } from '#triggers/rules/rule.ts'

export interface Message {
  readonly app?: string
  readonly host?: string
  readonly text: string | Uint8Array
  readonly pri?: number
  readonly nodeId?: number
  readonly sessionId?: number
  readonly sourceId?: number
  readonly method?: IdentityMethod
  readonly receivedMs?: number
}

/** A committed batch as the log writer hands it on. */
export function aBatch(messages: readonly Message[], firstSeq = 1): Batch {
  const bytes = messages.reduce((sum, { text, app = 'app', host = 'n1' }) => sum + Buffer.byteLength(text as string) + app.length * 3 + host.length * 3, 64)
  const batch = createBatch(Math.max(8, (messages.length + 7) & ~7), bytes)
  for (const message of messages) {
    const row = batch.rows++
    const parts = [Buffer.from(message.app ?? 'app'), Buffer.from(message.host ?? 'n1'), typeof message.text === 'string' ? Buffer.from(message.text) : message.text]
    batch.frameStart[row] = batch.byteCount
    let offset = 0
    for (const [index, part] of parts.entries()) {
      batch.bytes.set(part, batch.byteCount)
      batch.byteCount += part.length
      const [off, len] = ([['appOff', 'appLen'], ['hostOff', 'hostLen'], ['textOff', 'textLen']] as const)[index]!
      batch[off][row] = offset
      batch[len][row] = part.length
      offset += part.length
    }
    batch.frameLen[row] = offset
    batch.pri[row] = message.pri ?? 13
    batch.node[row] = message.nodeId ?? 0
    batch.session[row] = message.sessionId ?? 0
    batch.source[row] = message.sourceId ?? 1
    batch.method[row] = IDENTITY_METHODS.indexOf(message.method ?? 'none')
    batch.receivedMs[row] = message.receivedMs ?? 1_000_000
  }
  batch.firstSeq = firstSeq
  return batch
}

/** The same message as the store gives it back. */
export function stored(message: Message & { readonly text: string }, seq: number): StoredMessage {
  const pri = message.pri ?? 13
  return {
    seq, receivedMs: message.receivedMs ?? 1_000_000, sentMs: undefined, facility: FACILITIES[pri >> 3]!, severity: SEVERITIES[pri & 7]!, host: message.host ?? 'n1',
    app: message.app ?? 'app', procid: '', msgid: '', structuredData: '', text: message.text, label: '', raw: new Uint8Array(0), format: 'rfc5424', faults: [],
    sourceId: message.sourceId ?? 1, nodeId: message.nodeId ?? 0, sessionId: message.sessionId ?? 0, method: message.method ?? 'none', confidence: 0,
  }
}

/** A rule file with one rule; `body` is YAML below `- id: …`. It brings a test that always holds. */
export const ruleFile = (...rules: readonly { readonly id: string; readonly body: string }[]): string =>
  `format: 1\npack: test\nrules:\n${rules.map(({ id, body }) => `- id: ${id}\n${indent(/^title:/m.test(body) ? body : `title: 'a title'\n${body}`)}  tests: [{name: none, steps: [{expect: {not_firing: {}}}]}]\n`).join('')}`

const indent = (body: string): string => body.trim().split('\n').map((line) => `  ${line}\n`).join('')

export function rulesOf(text: string): readonly Rule[] {
  const loaded = loadRules([{ name: 'test.yaml', text }], { renderer: createRenderer() })
  if (!loaded.ok) throw new Error(loaded.faults.map(formatTextFault).join('\n'))
  return loaded.value.rules
}

export const aRule = (body: string, id = 'a.rule'): Rule => rulesOf(ruleFile({ id, body }))[0]!

export function faultsOf(text: string): readonly string[] {
  const loaded = loadRules([{ name: 'r.yaml', text }], { renderer: createRenderer() })
  return loaded.ok ? [] : loaded.faults.map(formatTextFault)
}

/** Counters that can be read. */
export function countCalls() {
  const counts: Record<string, number> = {}
  return { counts, counters: { shared: new SharedArrayBuffer(8), add: (name: string, value = 1) => void (counts[name] = (counts[name] ?? 0) + value), set: (name: string, value: number) => void (counts[name] = value), get: (name: string) => counts[name] ?? 0 } }
}

/** Takes from the engine, remembers as the rules thread does, and keeps what was found. */
export function aTaker(rules: readonly Rule[], inventory: Inventory = NO_NODES) {
  const correlator = createCorrelator({ rules, inventory, counters: { add: () => undefined, set: () => undefined } })
  const findings: NewFinding[] = []
  const taker: Taker = {
    get nextDueMs() {
      return correlator.nextDueMs ?? Infinity
    },
    isFull: false,
    passTo: (ms) => void findings.push(...correlator.advance(ms)),
    take: (rule, fulfilled, occurrence) => void findings.push(...correlator.take(rule, fulfilled, occurrence)),
    found: (more) => void findings.push(...more),
  }
  return { taker, findings, correlator, hearing: (rule: string) => correlator.hearing(rule) }
}
export const NO_NODES: Inventory = { facts: () => undefined, all: () => [] }

/** Everything that a set of rules finds in messages, as a batch and as the store gives them back. */
export function findingsIn(rules: readonly Rule[], { isHub, counters = countCalls().counters, inventory = NO_NODES }: { readonly isHub?: (sourceId: number) => boolean; readonly counters?: ReturnType<typeof countCalls>['counters']; readonly inventory?: Inventory } = {}) {
  const engineOf = (hearing: ReturnType<typeof aTaker>['hearing']) => createRulesEngine({ rules, counters, inventory: () => inventory, hearing, isHub })
  return {
    inBatch(batch: Batch, rows = { from: 0, to: batch.rows }): readonly NewFinding[] {
      const { taker, findings, hearing } = aTaker(rules, inventory)
      engineOf(hearing).evaluate(batch, rows, taker)
      return findings
    },
    inStored(messages: readonly StoredMessage[]): readonly NewFinding[] {
      const { taker, findings, hearing } = aTaker(rules, inventory)
      engineOf(hearing).evaluateMessages(messages, taker)
      return findings
    },
  }
}
