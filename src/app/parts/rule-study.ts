import type { BacktestView, NoiseView, StudyPart } from '#api/index.ts'
import { formatUtc } from '#base/time.ts'
import { AppFault } from '#domain/fault.ts'
import type { BacktestResult, NoiseReport } from '#triggers/index.ts'
import type { StudyAnswer } from '../study-answer.ts'
import type { StudyDesk } from '../study-desk.ts'
import { readSince } from './since.ts'

const BACKTEST_SINCE = '7d'
const NOISE_SINCE = '30d'
/** Alerts that are shown one by one, where nobody says. */
const SHOWN = 20

/** Rules on the past: the work is done in a thread of its own, here is how it is asked and shown. */
export function createStudyPart({ desk, clock }: { readonly desk: StudyDesk; readonly clock: () => number }): StudyPart {
  return {
    async backtest({ what, since = BACKTEST_SINCE, until, limit = SHOWN, signal, onProgress }) {
      const nowMs = clock()
      const fromMs = readSince(since, nowMs)
      const untilMs = Math.min(until === undefined ? nowMs : readSince(until, nowMs), nowMs)
      if (fromMs >= untilMs) throw new AppFault('bad-request', `There is no time between ${formatUtc(fromMs)} and ${formatUtc(untilMs)}`)
      const answer = await desk({ kind: 'backtest', what, fromMs, untilMs, limit }, { signal, onProgress })
      if (answer.kind === 'backtest') return presentBacktest(answer.result)
      if (answer.kind === 'no-rule') throw new AppFault('not-found', what.kind === 'rule' ? `There is no rule ${what.id} in the files` : 'There is no rule in the file')
      throw refusal(answer)
    },
    async noise({ since = NOISE_SINCE }) {
      const sinceMs = readSince(since, clock())
      const answer = await desk({ kind: 'noise', sinceMs }, {})
      if (answer.kind === 'noise') return presentNoise(answer.report, sinceMs)
      throw refusal(answer)
    },
  }
}

function refusal(answer: StudyAnswer): AppFault {
  if (answer.kind !== 'refused') return new AppFault('internal', `The thread that looks at the past answered ${answer.kind}`)
  const [first = 'they cannot be read', ...rest] = answer.faults
  return new AppFault('bad-request', `The rule files have faults: ${first}${rest.length === 0 ? '' : ` (and ${rest.length} more)`}`, { detail: { faults: answer.faults } })
}

const timeOf = (ms: number | undefined): string | null => (ms === undefined ? null : formatUtc(ms))

function presentBacktest({ fromMs, untilMs, reachedMs, reason, alerts: { openAtEnd, ...alerts }, notices, nodes, otherNodes, stepMs, steps, first, companions, remarks, rules, ...figures }: BacktestResult): BacktestView {
  return {
    ...figures, from: formatUtc(fromMs), until: formatUtc(untilMs), reached: formatUtc(reachedMs), reason: reason ?? null, alerts: { ...alerts, open_at_end: openAtEnd },
    notices: { total: notices.total, news: notices.news, left: [...notices.left], receivers: notices.receivers.map(({ isKnown, ...receiver }) => ({ ...receiver, known: isKnown })) },
    rules: [...rules], nodes: nodes.map(({ node, alerts: count }) => ({ node: node === '' ? null : node, alerts: count })), other_nodes: otherNodes,
    step_ms: stepMs, steps: steps.map(({ atMs, ...step }) => ({ at: formatUtc(atMs), ...step })),
    first: first.map(({ firstMs, firedMs, lastMs, overMs, firstSeq, node, ...alert }) => ({
      ...alert, node: node === '' ? null : node, first: formatUtc(firstMs), fired: timeOf(firedMs), last: formatUtc(lastMs), over: timeOf(overMs), message: firstSeq === 0 ? null : firstSeq,
    })),
    companions: [...companions], remarks: [...remarks],
  }
}

const presentNoise = ({ rules, alerts, told }: NoiseReport, sinceMs: number): NoiseView => ({
  since: formatUtc(sinceMs), alerts, told, rules: rules.map(({ selfResolved, nodes, ...rule }) => ({ ...rule, self_resolved: selfResolved, nodes: [...nodes] })),
})
