import { setTimeout as delay } from 'node:timers/promises'
import type { BacktestView } from '#api/index.ts'
import { sumOf } from '../../test/support/hub.ts'
import { countOf } from '../count.ts'
import { THRICE, WORD } from '../load/known.ts'
import { costBetween } from '../measure.ts'
import { WITHIN_MS } from '../outcome.ts'
import type { Check, Figure, Scenario } from '../part.ts'
import { startHubAt, type HubReceiver } from '../peers/hub.ts'

const FULL_SIZE = 10_000_000
/** A day of a hub of 120 messages a second, while somebody waits. */
const AIM_SECONDS = 60

interface Case {
  readonly id: string
  readonly what: string
  /** Of the rule. */
  readonly when: string
  /** What is known of the matches; undefined: nothing. A query is what the search finds: other scenarios may have added to the store. */
  readonly matches: number | { readonly query: string } | undefined
}

/** From a rule for which nearly everything is passed over to one that every message must be read for. */
const CASES: readonly Case[] = [
  { id: 'rare', what: 'three messages match', when: `match: {contains: ${THRICE}}`, matches: { query: THRICE } },
  { id: 'word', what: 'one message of a hundred matches', when: `match: {contains: ${WORD}}`, matches: { query: WORD } },
  { id: 'count', what: 'one message of twelve is counted in windows', when: 'count: {match: {app: sshd, contains: Failed password}, at_least: 10, within: 1m}', matches: undefined },
  { id: 'whole', what: 'an expression without letters, tried on every message', when: `match: {regex: '^[0-9]{5}[a-z]$'}`, matches: 0 },
]
const fileOf = (when: string): string => `format: 1\npack: bench\nrules:\n- id: bench.rule\n  title: t\n  severity: warning\n  when: {${when}}\n  by: [node]\n  tests: [{name: none, steps: [{expect: {not_firing: {}}}]}]\n`

/** What a rule costs that is tried on ten million stored messages. */
export const BACKTEST: Scenario = {
  name: 'backtest',
  async run(bench) {
    const stored = await bench.stored()
    const receiver = await startHubAt(stored.place)
    try {
      while (sumOf(await receiver.hub.metrics(), 'hps_rules_loaded') === 0 || sumOf(await receiver.hub.metrics(), 'hps_rules_behind_messages') > 0) await delay(200)
      const figures: Figure[] = []
      const checks: Check[] = []
      const details: unknown[] = []
      for (const one of CASES) {
        const { view, seconds, cpuSeconds, peakBytes } = await timed(receiver, one)
        const wanted = typeof one.matches === 'object' ? (await countOf(receiver.hub, one.matches.query)).total : one.matches
        bench.say(`backtest ${one.id}: ${seconds.toFixed(1)} s, CPU ${cpuSeconds.toFixed(1)} s, ${Math.round(view.messages / seconds)} messages/s, ${view.matches} matches, ${view.alerts.fired} alerts, VmHWM ${Math.round(peakBytes / 2 ** 20)} MiB`)
        figures.push({
          id: `backtest-${one.id}`, what: `a rule tried on ${view.messages} messages: ${one.what}`, reach: `<= ${AIM_SECONDS} s`,
          got: `${seconds.toFixed(1)} s (CPU ${cpuSeconds.toFixed(1)} s, ${Math.round(view.messages / seconds)} messages/s, VmHWM of the hub ${Math.round(peakBytes / 2 ** 20)} MiB)`, reached: view.messages >= FULL_SIZE ? seconds <= AIM_SECONDS : undefined,
        })
        checks.push({ what: `backtest ${one.id}: it came to the end (${view.messages} messages)`, ok: view.complete && view.messages >= stored.facts.messages })
        if (wanted !== undefined) checks.push({ what: `backtest ${one.id}: every match was found (${view.matches} of ${wanted})`, ok: view.matches === wanted })
        details.push({ id: one.id, seconds, cpuSeconds, peakBytes, matches: view.matches, alerts: view.alerts, notices: view.notices.total })
      }
      return { figures, checks, details: { messages: stored.facts.messages, cases: details } }
    } finally {
      await receiver.stop()
    }
  },
}

async function timed(receiver: HubReceiver, { when }: Case) {
  const [before, startMs] = [receiver.cost(), performance.now()]
  const view = await receiver.hub.json<BacktestView>('/api/v1/rules/backtest', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ text: fileOf(when), since: '30d' }), signal: AbortSignal.timeout(WITHIN_MS) })
  const { cpuSeconds, peakBytes } = costBetween(before, receiver.cost())
  return { view, seconds: (performance.now() - startMs) / 1000, cpuSeconds, peakBytes }
}
