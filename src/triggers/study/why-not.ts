import { formatUtc } from '#base/time.ts'
import { isOpen, type Alert } from '#domain/alert.ts'
import type { MuteReason } from '../alerts/notifier-port.ts'
import { MISSES, type Miss } from './explain-miss.ts'
import type { NodeStudy, Sight } from './why-not-node.ts'

/** From a message to a person, in this order; the first that stops it is the answer. */
export const WHY_GATES = ['loaded', 'on', 'breaker', 'trial', 'where', 'heard', 'app', 'literal', 'expression', 'trust', 'suppressed', 'window', 'lasted', 'open', 'mutes', 'group', 'cap', 'outbox', 'told'] as const
export type WhyGate = (typeof WHY_GATES)[number]
/** `unknown`: what is there does not say. */
export const WHY_OUTCOMES = ['passed', 'stopped', 'unknown'] as const
export interface Rung { readonly gate: WhyGate; readonly outcome: (typeof WHY_OUTCOMES)[number]; readonly why: string; /** 0: none. */ readonly seq: number; readonly atMs: number | undefined }
export interface WhyNot { readonly rungs: readonly Rung[]; readonly verdict: Rung }

/** A notice about the alert in the outbox. */
export interface NoticeFact { readonly id: number; readonly state: string; readonly receiver: string; readonly channel: string; readonly lastError: string | undefined; readonly nextMs: number; readonly doneMs: number | undefined; readonly reply: string | undefined }
/** All that was gathered; times are epoch milliseconds. */
export interface WhyFacts {
  readonly rule: string
  readonly node: string
  readonly sinceMs: number
  /** undefined: no rule of that name is in use. */
  readonly study: NodeStudy | undefined
  /** Why the files as they are now are not in use. */
  readonly faults: readonly string[]
  readonly stoppedUntilMs: number | undefined
  /** The newest message about the node. */
  readonly newest: Sight | undefined
  /** Of the rule and node: the open one, else the newest. */
  readonly alert: Alert | undefined
  readonly mutes: readonly MuteReason[]
  readonly groups: readonly { readonly receiver: string; readonly what: string; readonly dueMs: number | undefined }[]
  readonly notices: readonly NoticeFact[]
  readonly told: readonly { readonly receiver: string; readonly atMs: number; readonly count: number }[]
}

/** Pure over what was gathered. */
export function whyNot(facts: WhyFacts): WhyNot {
  const rungs: Rung[] = []
  for (const rung of climb(facts)) {
    rungs.push(rung)
    if (rung.outcome === 'stopped') return { rungs, verdict: rung }
  }
  return { rungs, verdict: rungs.at(-1)! }
}

const passed = (gate: WhyGate, why: string, at: Partial<Sight> = {}): Rung => ({ gate, outcome: 'passed', why, seq: at.seq ?? 0, atMs: at.atMs })
const stopped = (gate: WhyGate, why: string, at: Partial<Sight> = {}): Rung => ({ ...passed(gate, why, at), outcome: 'stopped' })
const unknown = (gate: WhyGate, why: string): Rung => ({ ...passed(gate, why), outcome: 'unknown' })

function* climb(facts: WhyFacts): Generator<Rung> {
  const { study, rule, faults, alert } = facts
  if (study === undefined) return yield stopped('loaded', `no rule ${rule} is in use${faults.length === 0 ? '' : `; the files were refused: ${faults[0]!}`}`)
  yield passed('loaded', 'the rule is in use')
  yield* statusRungs(facts, study)
  const about = study.where.map(({ fact, asked, has }) => `${fact} is ${has === '' ? 'not known' : has}, and has to be ${asked}`)
  yield about.length === 0 ? passed('where', 'the rule is about this node') : stopped('where', about.join('; '))
  // an alert that is open says that all of this was so
  if (alert === undefined || !isOpen(alert)) yield* messageRungs(facts, study)
  yield* alert === undefined ? windowRungs(study) : alertRungs(facts, alert)
}

function* statusRungs({ stoppedUntilMs }: WhyFacts, { outline }: NodeStudy): Generator<Rung> {
  yield outline.status === 'off' ? stopped('on', 'its status is off: it is only tested') : passed('on', `its status is ${outline.status}`)
  const until = stoppedUntilMs === undefined ? '' : ` until ${formatUtc(stoppedUntilMs)}`
  yield outline.isStopped ? stopped('breaker', `it took too much time and is stopped${until}`) : passed('breaker', 'it is not stopped')
  yield outline.status === 'shadow' ? stopped('trial', 'its status is shadow: it is evaluated and recorded and tells nobody') : passed('trial', 'it is not on trial')
}

function* messageRungs({ newest, node, sinceMs }: WhyFacts, study: NodeStudy): Generator<Rung> {
  const { outline, ofApp, ofLiteral, nearest, held, heldCount, trusted, suppressed, taken, looked, isCut } = study
  if (outline.about === 'neither') return yield unknown('expression', `a rule of the kind ${outline.kind} asks for no message of the node`)
  const since = `since ${formatUtc(sinceMs)}`
  const among = `among the ${looked} that were looked at ${since}${isCut ? '; older ones were not' : ''}`
  if (outline.about === 'messages') {
    // the deadline of a node that is silent needs no message: its rule is about that
    if (newest === undefined) return yield outline.kind === 'absent' ? unknown('heard', `nothing was received of ${node} ${since}`) : stopped('heard', `nothing was received of ${node} ${since}`)
    yield passed('heard', `the newest message of ${node}`, newest)
    if (ofApp === undefined) return yield stopped('app', `no message of ${outline.apps?.join(', ') ?? 'a fitting application'} ${among}`)
    yield passed('app', `the newest message of ${outline.apps?.join(', ') ?? 'any application'}`, ofApp)
    if (ofLiteral === undefined) return yield stopped('literal', `no message has a literal that the rule needs, ${among}`, ofApp)
    yield passed('literal', 'the newest with a literal that the rule needs', ofLiteral)
  }
  if (held === undefined) return yield stopped('expression', nearest === undefined ? `no ${outline.about === 'events' ? 'event' : 'message'} fulfils it, ${among}` : `the nearest message misses: ${nearest.misses.map(missText).join('; ')}`, nearest)
  yield passed('expression', `${heldCount} fulfilled it; the newest`, held)
  if (trusted === undefined) return yield stopped('trust', `the rule asks for trust: ${outline.trust}, and no message that fulfils it proves its node so`, held)
  yield passed('trust', 'its node is proven as well as the rule asks for', trusted)
  if (taken === undefined) return yield stopped('suppressed', `rule ${suppressed?.by ?? ''} leaves such messages out`, suppressed)
  yield passed('suppressed', 'no rule leaves it out', taken)
  if (outline.about === 'messages' && taken.key === undefined) yield stopped('window', `the message lacks a field of the key (${outline.by.join(', ')}): it belongs to no alert`, taken)
}

export const missText = ({ kind, asked, has }: Miss): string => `${MISSES[kind]}: ${asked}${has === '' ? '' : ` (it is ${has})`}`

function* windowRungs({ keys, outline }: NodeStudy): Generator<Rung> {
  const open = keys[0]
  if (open === undefined) return yield stopped('window', outline.kind === 'match' ? 'the message was found, and there is no alert of it any more, or not yet' : 'nothing is remembered about this node: the window is empty, or the rule began anew')
  const { summary, have, need, dueMs } = open.state
  yield { ...stopped('window', have !== undefined && need !== undefined ? `${have} of ${need}: ${summary}` : summary), atMs: dueMs }
}

function* alertRungs({ mutes, groups, notices, told, sinceMs }: WhyFacts, alert: Alert): Generator<Rung> {
  const { id, state, count, firstMs, lastSeq, lastMs, dueMs, resolvedMs } = alert
  const at = { seq: lastSeq, atMs: lastMs }
  yield passed('window', `alert ${id} was found at ${formatUtc(firstMs)}`, at)
  if (state === 'pending') return yield { ...stopped('lasted', `alert ${id} has not lasted long enough${dueMs === undefined ? '' : `: it fires at ${formatUtc(dueMs)}`}`, at), atMs: dueMs }
  if (alert.firedMs === undefined) return yield stopped('lasted', `alert ${id} was over before it had lasted long enough`, at)
  yield passed('lasted', `it fires since ${formatUtc(alert.firedMs)}`)
  const folded = `alert ${id} is ${state}${state === 'acknowledged' ? ` by ${alert.acknowledgedBy ?? ''}` : ''}, found ${count} times: what comes is folded into it`
  yield passed('open', isOpen(alert) ? folded : `alert ${id} is over since ${resolvedMs === undefined ? '?' : formatUtc(resolvedMs)}`, at)
  const mute = isOpen(alert) ? mutes[0] : undefined
  if (mute !== undefined) return yield { ...stopped('mutes', `${mute.mute}: ${mute.why}`), atMs: mute.untilMs }
  yield passed('mutes', 'nothing mutes it now')
  yield* tellingRungs({ groups, notices, told, since: sinceMs })
}

type Telling = Pick<WhyFacts, 'groups' | 'notices' | 'told'> & { readonly since: number }
function* tellingRungs({ groups, notices, told }: Telling): Generator<Rung> {
  const failing = notices.find(({ state }) => state === 'retry' || state === 'dead' || state === 'cancelled' || state === 'queued' || state === 'sending')
  const sent = notices.find(({ state }) => state === 'sent')
  const last = told.toSorted((a, b) => b.atMs - a.atMs)[0]
  if (last === undefined && notices.length === 0) {
    const waits = groups.find(({ what }) => what !== 'told')
    if (waits !== undefined) return yield { ...stopped(waits.what === 'held' ? 'cap' : 'group', waits.what === 'held' ? `${waits.receiver} gets no more for now: it goes into the next digest` : `it waits in its group for ${waits.receiver}`), atMs: waits.dueMs }
    return yield stopped('group', 'no route leads to a receiver, or its rule tells nobody')
  }
  yield passed('group', last === undefined ? 'a notice was made' : `${last.receiver} was told ${last.count} times`)
  const held = notices.find(({ state }) => state === 'held')
  if (held !== undefined && sent === undefined) return yield stopped('cap', `notice ${held.id} is held for the next digest of ${held.receiver}`)
  yield passed('cap', 'no cap holds it')
  if (failing !== undefined && sent === undefined) {
    const why = `notice ${failing.id} to ${failing.receiver} by ${failing.channel} is ${failing.state}${failing.lastError === undefined ? '' : `: ${failing.lastError}`}`
    const waits = failing.state === 'retry' || failing.state === 'queued'
    return yield { ...stopped('outbox', waits ? `${why}; next try ${formatUtc(failing.nextMs)}` : why), atMs: waits ? failing.nextMs : failing.doneMs }
  }
  yield passed('outbox', 'nothing waits')
  const by = sent === undefined ? last!.receiver : `${sent.receiver} by ${sent.channel}${sent.reply === undefined ? '' : ` (${sent.reply})`}`
  yield { ...passed('told', `it was told: ${by}`), atMs: sent?.doneMs ?? last?.atMs }
}
