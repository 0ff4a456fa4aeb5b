import { HINT, type Batch } from '#domain/batch.ts'
import { DAMAGE_BITS } from '#domain/dialects.ts'
import { bindSpeaker } from './identity.ts'
import type { Parts } from './lifecycle.ts'
import { isSettledRow } from './settled-rows.ts'
import { MAX_VOICES, newVoice, type Sources, type Speaker, type Voice } from './sources.ts'
import { placeSpecialRow, type SpecialRowParts } from './special-rows.ts'
import type { SessionState, SourceState } from './state.ts'
import { placeUserland } from './userland.ts'

/** Rows with one of these are looked at; the others only need to know who speaks. */
const SPECIAL =
  HINT.kernelBanner | HINT.printkClock | HINT.label | HINT.announcement | HINT.ack | HINT.trigger | HINT.dhcp | HINT.tftp | HINT.ipxe | HINT.kernel | HINT.stage

/** The message says less than its sender meant; what RFC 3164 leaves out does not count. */
export const isFaulty = (faults: number): boolean => (faults & DAMAGE_BITS) !== 0

/** What a batch touched: counters to be raised once it is on disk. */
export interface Touched {
  readonly sessions: SessionState[]
  readonly sources: SourceState[]
  /** Voices whose rows are not added up yet. */
  readonly voices: Voice[]
}
export const nothingTouched = (): Touched => ({ sessions: [], sources: [], voices: [] })

/** Fills the columns `source`, `node`, `session`, `method`, `confidence` of every row. */
export interface Tagger {
  tag(batch: Batch, sources: Sources, touched: Touched): void
}

/**
 * A row without hints from a voice that is settled costs a few reads of one object and five writes; `settled-rows` knows which
 * rows with hints are as good; everything else is in `look`. What a voice remembers holds for one version of the directory, which grows when anything about a node changes.
 */
export function createTagger(parts: Parts, special: SpecialRowParts): Tagger {
  const { directory } = parts
  return {
    tag(batch, sources, touched) {
      const { rows, source, hostRef, hints, faults, node, session, method, confidence } = batch
      const view = Buffer.from(batch.bytes.buffer, batch.bytes.byteOffset, batch.bytes.byteLength)
      const { voices } = touched
      let { version } = directory
      for (let row = 0; row < rows; row++) {
        const speaker = sources.speaker(source[row]!)
        let { voice } = speaker
        if (voice === undefined || voice.hostRef !== hostRef[row]) voice = voiceOf(speaker, { hostRef: hostRef[row]!, touched })
        const asked = hints[row]! & SPECIAL
        const isSettled = voice.version === version && (asked === 0 || (voice.session !== undefined && isSettledRow(parts, { batch, row, speaker, hints: asked, session: voice.session })))
        if (!isSettled) {
          look({ parts, special, batch, row, view, speaker, voice, touched })
          version = directory.version
          continue
        }
        source[row] = voice.sourceId
        node[row] = voice.nodeId
        session[row] = voice.sessionId
        method[row] = voice.method
        confidence[row] = voice.confidence
        if (voice.rows++ === 0) {
          voice.firstRow = row
          voices.push(voice)
        }
        voice.lastRow = row
        if ((faults[row]! & DAMAGE_BITS) !== 0) voice.faulty++
      }
      for (const voice of voices) addUp(voice, touched)
    },
  }
}

/** The voice of a sender under this host name. */
function voiceOf(speaker: Speaker, { hostRef, touched }: { readonly hostRef: number; readonly touched: Touched }): Voice {
  let voice = speaker.voices.get(hostRef)
  if (voice === undefined) {
    if (speaker.voices.size >= MAX_VOICES) {
      for (const old of speaker.voices.values()) addUp(old, touched)
      speaker.voices.clear()
    }
    voice = newVoice(speaker.source, hostRef)
    speaker.voices.set(hostRef, voice)
  }
  speaker.voice = voice
  return voice
}

interface Look {
  readonly parts: Parts
  readonly special: SpecialRowParts
  readonly batch: Batch
  readonly row: number
  readonly view: Buffer
  readonly speaker: Speaker
  readonly voice: Voice
  readonly touched: Touched
}

/** A row that must be looked at: somebody new, something changed, or hints. */
function look({ parts, special, batch, row, view, speaker, voice, touched }: Look): void {
  addUp(voice, touched)
  const { directory } = parts
  if (voice.binding === undefined || voice.binding.version !== directory.version) {
    const start = batch.frameStart[row]! + batch.hostOff[row]!
    const host = voice.hostRef === 0 ? '' : view.toString('latin1', start, start + batch.hostLen[row]!)
    voice.binding = bindSpeaker(parts, { speaker, host, atMs: batch.receivedMs[row]! })
  }
  const { binding } = voice
  const isSpecial = (batch.hints[row]! & SPECIAL) !== 0
  const { session, method, confidence } = isSpecial
    ? placeSpecialRow(special, { batch, row, view, speaker, binding })
    : { session: placeUserland(parts, { batch, row, node: binding.node, speaker }), method: binding.method, confidence: binding.confidence }
  const { source } = speaker
  batch.source[row] = source.id
  batch.node[row] = session?.node.id ?? 0
  batch.session[row] = session?.id ?? 0
  batch.method[row] = method
  batch.confidence[row] = confidence
  addRows(touched, { source, session, rows: 1, firstRow: row, lastRow: row, faulty: isFaulty(batch.faults[row]!) ? 1 : 0, conflicts: binding.conflict })
  if (isSpecial) return
  // What was found holds for the rows that follow, unless it was a step on the way to something else.
  const isSettled = session === undefined ? binding.node === undefined : session.isPlain && binding.node?.suspect === undefined
  voice.version = isSettled && binding.version === directory.version ? directory.version : -1
  voice.session = session
  voice.nodeId = session?.node.id ?? 0
  voice.sessionId = session?.id ?? 0
  voice.method = method
  voice.confidence = confidence
}

/** Adds a voice's rows of this batch to its source and its session. */
function addUp(voice: Voice, touched: Touched): void {
  const { source, session, rows, firstRow, lastRow, faulty } = voice
  if (rows === 0) return
  voice.rows = 0
  voice.faulty = 0
  addRows(touched, { source, session, rows, firstRow, lastRow, faulty, conflicts: rows * (voice.binding?.conflict ?? 0) })
}

interface Rows { readonly source: SourceState; readonly session: SessionState | undefined; readonly rows: number; readonly firstRow: number; readonly lastRow: number; readonly faulty: number; readonly conflicts: number }

function addRows(touched: Touched, { source, session, rows, firstRow, lastRow, faulty, conflicts }: Rows): void {
  if (source.batchRows === 0) touched.sources.push(source)
  source.batchRows += rows
  source.batchFaulty += faulty
  source.batchConflicts += conflicts
  if (session === undefined) return
  if (session.batchRows === 0) {
    touched.sessions.push(session)
    session.batchFirstRow = firstRow
    session.batchLastRow = lastRow
  }
  session.batchRows += rows
  if (firstRow < session.batchFirstRow) session.batchFirstRow = firstRow
  if (lastRow > session.batchLastRow) session.batchLastRow = lastRow
}
