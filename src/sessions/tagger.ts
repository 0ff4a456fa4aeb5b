import { decodeText } from '#base/bytes.ts'
import { HINT, type Batch } from '#domain/batch.ts'
import { isAccessRow } from './file-line.ts'
import type { FormState } from './form-state.ts'
import { isDamaged } from './forms.ts'
import { bindSpeaker } from './identity.ts'
import type { Parts } from './lifecycle.ts'
import { isSettledRow } from './settled-rows.ts'
import type { Sources, Speaker } from './sources.ts'
import { placeSpecialRow, type SpecialRowParts } from './special-rows.ts'
import { isZoneless, learnTime, setSentTime } from './stamp.ts'
import { noteListener, type SessionState, type SourceState } from './state.ts'
import { placeUserland } from './userland.ts'
import { MAX_VOICES, newVoice, type Voice } from './voice.ts'

/** Rows with one of these are looked at; the others only need to know who speaks. */
const SPECIAL =
  HINT.kernelBanner | HINT.printkClock | HINT.label | HINT.announcement | HINT.ack | HINT.trigger | HINT.dhcp | HINT.tftp | HINT.ipxe | HINT.kernel | HINT.stage | HINT.hps

/** What a batch touched: counters to be raised once it is on disk. */
export interface Touched {
  readonly sessions: SessionState[]
  readonly sources: SourceState[]
  readonly forms: FormState[]
  /** Voices whose rows are not added up yet. */
  readonly voices: Voice[]
  /** Voices that time is learned from. */
  readonly heard: Voice[]
  /** Of the receipt of the batch: a voice is learned from once a second, whatever it sends. */
  readonly second: number
  /** The hints of all its rows together, and their deviations. */
  hints: number
  faults: number
  /** The rows have the ids of their senders; false: still refs; undefined: some have. */
  isTagged: boolean | undefined
}
export const nothingTouched = (atMs: number): Touched => ({ sessions: [], sources: [], forms: [], voices: [], heard: [], second: Math.floor(atMs / 1000) & 0x3fff_ffff, hints: 0, faults: 0, isTagged: false })

/** Fills the columns `source`, `node`, `session`, `method`, `confidence` of every row, and sets `sentMs` right where a stamp has no zone. */
export interface Tagger {
  tag(batch: Batch, sources: Sources, touched: Touched): void
}

/**
 * A row without hints from a voice that is settled, in the form of the row before, costs a few reads of one object and five writes; `settled-rows` knows which
 * rows with hints are as good; everything else is in `look`. What a voice remembers holds for one version of the directory, which grows when anything about a node changes.
 */
export function createTagger(parts: Parts, special: SpecialRowParts): Tagger {
  const { directory } = parts
  return {
    tag(batch, sources, touched) {
      const { rows, source, hostRef, hints, format, faults, node, session, method, confidence } = batch
      const view = Buffer.from(batch.bytes.buffer, batch.bytes.byteOffset, batch.bytes.byteLength)
      const { voices } = touched
      let { version } = directory
      let allHints = 0
      let allFaults = 0
      for (let row = 0; row < rows; row++) {
        const speaker = sources.speaker(source[row]!)
        let { voice } = speaker
        if (voice === undefined || voice.hostRef !== hostRef[row]) voice = voiceOf({ speaker, sources, batch, row, touched })
        if (voice.format !== format[row] || voice.faults !== faults[row]) turnTo(voice, { sources, batch, row, touched })
        if (voice.isZoneless) setSentTime(voice.zone, batch, row)
        allHints |= hints[row]!
        allFaults |= faults[row]!
        const asked = hints[row]! & SPECIAL
        const isSettled = voice.version === version && !isAccessRow(speaker, batch, row) && (asked === 0 || (voice.session !== undefined && isSettledRow(parts, { batch, row, speaker, hints: asked, session: voice.session })))
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
      }
      touched.hints = allHints
      touched.faults = allFaults
      settle(sources, batch, touched)
    },
  }
}

/** The rows of the batch are tagged. */
function settle(sources: Sources, batch: Batch, touched: Touched): void {
  for (const voice of touched.voices) addUp(voice, touched)
  for (const voice of touched.heard) {
    learnTime(sources, voice, batch)
    voice.sampleRow = -1
    voice.sampledSecond = touched.second
  }
}

interface RowOf { readonly sources: Sources; readonly batch: Batch; readonly row: number; readonly touched: Touched }

/** The voice of a sender under this host name. */
function voiceOf({ speaker, sources, batch, row, touched }: RowOf & { readonly speaker: Speaker }): Voice {
  const hostRef = batch.hostRef[row]!
  let voice = speaker.voices.get(hostRef)
  if (voice === undefined) {
    if (speaker.voices.size >= MAX_VOICES) {
      for (const old of speaker.voices.values()) addUp(old, touched)
      speaker.voices.clear()
    }
    voice = newVoice({ source: speaker.source, hostRef, zone: sources.zones.of(speaker.source, speaker.isRelay ? hostOf(batch, row) : undefined) })
    speaker.voices.set(hostRef, voice)
  }
  speaker.voice = voice
  return voice
}

const hostOf = ({ bytes, frameStart, hostOff, hostLen }: Batch, row: number): string => {
  const start = frameStart[row]! + hostOff[row]!
  return decodeText(bytes.subarray(start, start + hostLen[row]!)).text
}

/** Another form than the row before: the rows up to here are counted in theirs. */
function turnTo(voice: Voice, { sources, batch, row, touched }: RowOf): void {
  countInForm(voice, touched)
  voice.format = batch.format[row]!
  voice.faults = batch.faults[row]!
  voice.form = sources.forms.of(voice.source, voice.format, voice.faults)
  voice.isZoneless = isZoneless(voice.faults)
}

/** Counts the rows of the voice that are in no form yet. */
function countInForm(voice: Voice, touched: Touched): void {
  const rows = voice.rows - voice.formRows
  if (rows === 0) return
  voice.formRows = voice.rows
  if (isDamaged(voice.faults)) voice.faulty += rows
  addToForm(touched, voice.form!, { rows, lastRow: voice.lastRow })
}

function addToForm(touched: Touched, form: FormState, { rows, lastRow }: { readonly rows: number; readonly lastRow: number }): void {
  if (form.batchRows === 0) {
    touched.forms.push(form)
    form.batchLastRow = lastRow
  }
  form.batchRows += rows
  if (lastRow > form.batchLastRow) form.batchLastRow = lastRow
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
  const isSpecial = (batch.hints[row]! & SPECIAL) !== 0 || isAccessRow(speaker, batch, row)
  const { session, method, confidence } = isSpecial
    ? placeSpecialRow(special, { batch, row, view, speaker, binding })
    : { session: placeUserland(parts, { batch, row, node: binding.node, speaker }), method: binding.method, confidence: binding.confidence }
  const { source } = speaker
  batch.source[row] = source.id
  batch.node[row] = session?.node.id ?? 0
  batch.session[row] = session?.id ?? 0
  batch.method[row] = method
  batch.confidence[row] = confidence
  addRows(touched, { source, session, rows: 1, firstRow: row, lastRow: row, faulty: isDamaged(voice.faults) ? 1 : 0, conflicts: binding.conflict })
  addToForm(touched, voice.form!, { rows: 1, lastRow: row })
  hear(touched, voice, row)
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
  if (voice.rows === 0) return
  countInForm(voice, touched)
  const { source, session, rows, firstRow, lastRow, faulty } = voice
  hear(touched, voice, lastRow)
  voice.rows = 0
  voice.formRows = 0
  voice.faulty = 0
  addRows(touched, { source, session, rows, firstRow, lastRow, faulty, conflicts: rows * (voice.binding?.conflict ?? 0) })
}

/** The last row of a batch has waited least. */
function hear(touched: Touched, voice: Voice, row: number): void {
  if (voice.sampledSecond === touched.second) return
  if (voice.sampleRow < 0) touched.heard.push(voice)
  voice.sampleRow = row
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
  if (source.delivery === 'acknowledged') session.batchAcknowledged += rows
  else if (source.delivery === 'stream') session.batchStreamed += rows
  else noteListener(session, source.listener)
  if (firstRow < session.batchFirstRow) session.batchFirstRow = firstRow
  if (lastRow > session.batchLastRow) session.batchLastRow = lastRow
}
