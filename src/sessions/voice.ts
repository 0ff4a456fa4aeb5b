import type { FormState } from './form-state.ts'
import type { SenderZone } from './sender-zone.ts'
import type { NodeState, SessionState, SourceState } from './state.ts'

/** Host names remembered of one sender in one epoch: a relay speaks for a fleet. */
export const MAX_VOICES = 16_384

/** Whom a sender means with a host name: the answer of the identity rules, valid for one version of the directory. */
export interface Binding {
  readonly version: number
  readonly node: NodeState | undefined
  readonly method: number
  readonly confidence: number
  /** 1: the host name contradicts the address. */
  readonly conflict: number
}

/**
 * A sender under one host name, within one epoch: what its plain rows are tagged with while `version` is the directory's, and
 * its rows of the batch in hand.
 */
export interface Voice {
  readonly hostRef: number
  readonly source: SourceState
  readonly sourceId: number
  /** What its stamps without a zone mean. */
  readonly zone: SenderZone
  binding: Binding | undefined
  version: number
  session: SessionState | undefined
  nodeId: number
  sessionId: number
  method: number
  confidence: number
  rows: number
  firstRow: number
  lastRow: number
  faulty: number
  /** Of the row before: most senders keep to one form. */
  format: number
  faults: number
  form: FormState | undefined
  /** Rows of this batch that are counted in forms already. */
  formRows: number
  /** The stamp of this form wants the zone. */
  isZoneless: boolean
  /** The row of this batch that its clock is learned from; -1: none. */
  sampleRow: number
  /** When it was learned from last, as `Touched.second`. */
  sampledSecond: number
}

export const newVoice = ({ source, hostRef, zone }: Pick<Voice, 'source' | 'hostRef' | 'zone'>): Voice => ({
  hostRef, source, sourceId: source.id, zone, binding: undefined, version: -1, session: undefined, nodeId: 0, sessionId: 0, method: 0, confidence: 0,
  rows: 0, firstRow: 0, lastRow: 0, faulty: 0, format: -1, faults: 0, form: undefined, formRows: 0, isZoneless: false, sampleRow: -1, sampledSecond: -1,
})
