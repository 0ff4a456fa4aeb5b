import type { HubEvent } from '#domain/hub-event.ts'
import type { EvidenceClass } from '#domain/lifecycle.ts'
import { factOf, type Inventory } from '../inventory.ts'
import { MAX_KEY_CHARACTERS } from './bounds.ts'
import type { Occurrence } from './correlator.ts'

export type Captures = Readonly<Record<string, string>>

/** What a finding says of the message or event behind it, whichever it is. */
export interface Subject {
  /** Never before the time that the correlator has reached. */
  readonly atMs: number
  readonly seq: number
  readonly nodeId: number
  readonly sessionId: number
  readonly sourceId: number
  readonly host: string
  readonly app: string
  readonly text: string
  readonly evidence: EvidenceClass
  /** undefined: a message. */
  readonly event: HubEvent | undefined
}

/** Of a message this much goes with a finding; the rest is found by its seq. */
const MAX_TEXT_CHARACTERS = 512

export function subjectOf(occurrence: Occurrence, reachedMs: number): Subject {
  if (occurrence.kind === 'line') {
    const { seq, receivedMs, nodeId, sessionId, sourceId, host, app, text, evidence } = occurrence.line
    return { atMs: Math.max(receivedMs, reachedMs), seq, nodeId, sessionId, sourceId, host: host.slice(0, MAX_KEY_CHARACTERS), app: app.slice(0, MAX_KEY_CHARACTERS), text: text.slice(0, MAX_TEXT_CHARACTERS), evidence, event: undefined }
  }
  const { event } = occurrence
  return { atMs: Math.max(event.atMs, reachedMs), seq: event.seq, nodeId: event.nodeId, sessionId: event.sessionId, sourceId: 0, host: '', app: '', text: '', evidence: event.evidence, event }
}

/** The value of a field that is a text: a named group, a field of the event, a fact or label of the node. undefined: there is none of that name. */
export function fieldOf(name: string, { subject, captures, inventory }: { readonly subject: Subject; readonly captures: Captures; readonly inventory: Inventory }): string | undefined {
  const own = captures[name] ?? subject.event?.fields[name]
  if (own !== undefined) return own
  const facts = subject.nodeId === 0 ? undefined : inventory.facts(subject.nodeId)
  return facts === undefined ? undefined : factOf(facts, name)
}

/** `C` is the weakest. */
export const weakerOf = (a: EvidenceClass, b: EvidenceClass): EvidenceClass => (a > b ? a : b)
