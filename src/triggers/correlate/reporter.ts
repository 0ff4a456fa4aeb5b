import type { FindingReason } from '../finding.ts'
import type { Rule } from '../rules/rule.ts'
import type { NewFinding } from './correlator.ts'
import type { OpenMarks } from './open-marks.ts'
import type { Key } from './rule-keys.ts'
import { weakerOf, type Captures, type Subject } from './subject.ts'

export interface Report {
  readonly reason: FindingReason
  readonly subject: Subject
  readonly captures: Captures
  /** What the kind of condition adds. */
  readonly extra?: Captures
  readonly isLate?: boolean
}

/** Makes the findings of one rule. */
export class Reporter {
  readonly #rule: () => Rule
  readonly #found: NewFinding[]
  readonly #marks: () => Pick<OpenMarks, 'raised' | 'cleared'> | undefined

  /** `found`: where findings go; the owner empties it. `marks`: where it is remembered which alerts are open. */
  constructor({ rule, found, marks }: { readonly rule: () => Rule; readonly found: NewFinding[]; readonly marks: () => Pick<OpenMarks, 'raised' | 'cleared'> | undefined }) {
    this.#rule = rule
    this.#found = found
    this.#marks = marks
  }

  raise(key: Key, report: Report): void {
    this.#push('raise', key, report)
    this.#marks()?.raised(key.text, report.subject.atMs)
  }
  clear(key: Key, report: Report): void {
    this.#push('clear', key, report)
    this.#marks()?.cleared(key.text)
  }

  #push(kind: NewFinding['kind'], key: Key, { reason, subject, captures, extra, isLate }: Report): void {
    const { id, version, emit } = this.#rule()
    const { seq, atMs, nodeId, sessionId, sourceId, host, app, text, evidence } = subject
    this.#found.push({
      kind, rule: id, version, key: key.text, fields: { ...key.fields, ...captures, ...extra },
      seq, atMs, count: 1, lastSeq: seq, lastMs: atMs, nodeId, sessionId, sourceId, host, app, text,
      evidence: emit === undefined ? evidence : weakerOf(evidence, emit.evidence),
      emit: emit === undefined || kind === 'clear' ? undefined : { event: emit.event, stage: emit.stage },
      isLate: isLate ?? false, reason,
    })
  }
}
