import { HINT, type Batch } from '#domain/batch.ts'
import { PARSE_FAULTS, type ParseFault } from '#domain/message.ts'
import { bindSpeaker } from './identity.ts'
import type { Parts } from './lifecycle.ts'
import type { Binding, Sources, Speaker } from './sources.ts'
import { placeSpecialRow, type SpecialRowParts } from './special-rows.ts'
import { placeUserland } from './userland.ts'
import type { SessionState, SourceState } from './state.ts'

/** Rows with one of these are looked at; the others only need to know who speaks. */
const SPECIAL =
  HINT.kernelBanner | HINT.printkClock | HINT.label | HINT.announcement | HINT.ack | HINT.trigger | HINT.dhcp | HINT.tftp | HINT.ipxe | HINT.kernel

/** Deviations that make a message faulty; the rest is how RFC 3164 senders are. */
const BAD: readonly ParseFault[] = ['bad-priority', 'bad-timestamp', 'bad-structured-data', 'bad-utf8', 'truncated', 'bad-version', 'bad-frame-count', 'unterminated-frame']
const BAD_BITS = BAD.reduce((bits, fault) => bits | (1 << PARSE_FAULTS.indexOf(fault)), 0)
export const isFaulty = (faults: number): boolean => (faults & BAD_BITS) !== 0

/** What a batch touched: counters to be raised once it is on disk. */
export interface Touched {
  readonly sessions: SessionState[]
  readonly sources: SourceState[]
}

/** Fills the columns `source`, `node`, `session`, `method`, `confidence` of every row. */
export interface Tagger {
  tag(batch: Batch, sources: Sources, touched: Touched): void
}

/** The rules that a row without hints from a known speaker meets are four array reads and five writes: keep this loop free of anything else. */
export function createTagger(parts: Parts, special: SpecialRowParts): Tagger {
  const { directory } = parts
  return {
    tag(batch, sources, touched) {
      const { rows, source, hostRef, hints, faults, node, session, method, confidence } = batch
      const view = Buffer.from(batch.bytes.buffer, batch.bytes.byteOffset, batch.bytes.byteLength)
      for (let row = 0; row < rows; row++) {
        const speaker = sources.speaker(source[row]!)
        let binding = speaker.binding
        if (binding === undefined || speaker.hostRef !== hostRef[row] || binding.version !== directory.version) binding = bind({ parts, sources, speaker, batch, view, row })
        let chosen: SessionState | undefined
        let how = binding.method
        let sure = binding.confidence
        if ((hints[row]! & SPECIAL) === 0) {
          chosen = binding.node?.current
          if (chosen === undefined || !chosen.isPlain || binding.node!.suspect !== undefined) chosen = placeUserland(parts, { batch, row, node: binding.node, speaker })
        } else {
          const placed = placeSpecialRow(special, { batch, row, view, speaker, binding })
          chosen = placed.session
          how = placed.method
          sure = placed.confidence
        }
        const owner = speaker.source
        source[row] = owner.id
        method[row] = how
        confidence[row] = sure
        if (owner.batchRows++ === 0) touched.sources.push(owner)
        if ((faults[row]! & BAD_BITS) !== 0) owner.batchFaulty++
        owner.batchConflicts += binding.conflict
        if (chosen === undefined) {
          node[row] = 0
          session[row] = 0
          continue
        }
        node[row] = chosen.node.id
        session[row] = chosen.id
        if (chosen.batchRows++ === 0) {
          chosen.batchFirstRow = row
          touched.sessions.push(chosen)
        }
        chosen.batchLastRow = row
      }
    },
  }
}

interface BindRequest { readonly parts: Parts; readonly sources: Sources; readonly speaker: Speaker; readonly batch: Batch; readonly view: Buffer; readonly row: number }

function bind({ parts, sources, speaker, batch, view, row }: BindRequest): Binding {
  const ref = batch.hostRef[row]!
  const known = speaker.bindings.get(ref)
  if (known !== undefined && known.version === parts.directory.version) {
    speaker.hostRef = ref
    speaker.binding = known
    return known
  }
  const start = batch.frameStart[row]! + batch.hostOff[row]!
  const host = ref === 0 ? '' : view.toString('latin1', start, start + batch.hostLen[row]!)
  const binding = bindSpeaker(parts, { speaker, host, atMs: batch.receivedMs[row]! })
  sources.bind(speaker, ref, binding)
  return binding
}
