import { decodeText } from '#base/bytes.ts'
import { HINT, seqOf, type Batch } from '#domain/batch.ts'
import { IDENTITY_METHODS } from '#domain/message.ts'
import type { Stage } from '#domain/stages.ts'
import { LABEL_PREFIX } from '#domain/wire.ts'
import type { AckRows } from './ack-rows.ts'
import { parseAnnouncement } from './announcement.ts'
import { announcedNode, contradicts, placeEnd, placeStart } from './announcements.ts'
import { bootFileStage } from './boot-file.ts'
import { placeFileRow } from './boot-files.ts'
import type { Dhcp } from './dhcp.ts'
import { ipxeFetched, isAccessRow } from './file-line.ts'
import { hearHps, meaningOf, placeHpsRow } from './hps-rows.ts'
import { CONFIDENCE, METHOD } from './identity.ts'
import { compareMark, isTelling, kernelMark } from './kernel-evidence.ts'
import { placeKernelRow, placePlainKernelRow } from './kernel-rows.ts'
import { labelledSession } from './labels.ts'
import { networkBoot, sessionFor, type Parts } from './lifecycle.ts'
import { isBeforeKernel } from './session-book.ts'
import type { Binding, Speaker } from './sources.ts'
import { sightingOf } from './stage-sightings.ts'
import { toldStage } from './stage-labels.ts'
import { timeOfRow } from './stamp.ts'
import type { NodeState, SessionState } from './state.ts'
import type { Suspects } from './suspects.ts'
import { parseTriggerCommand } from './trigger-command.ts'
import { isSaidBefore, placeUserland } from './userland.ts'

/** An operating system is not back in iPXE sooner than this after its last message. */
const REBOOT_TAKES_MS = 3000

/** Rows of the wire contract, and iPXE's. */
const WIRE = HINT.announcement | HINT.label | HINT.ipxe | HINT.ack | HINT.trigger | HINT.stage

/** Rows that the parser marked: kernel, DHCP, iPXE, labels, and the words of the wire contract. */
export interface SpecialRowParts { readonly parts: Parts; readonly suspects: Suspects; readonly dhcp: Dhcp; readonly acks: AckRows }
interface SpecialRow { readonly batch: Batch; readonly row: number; readonly view: Buffer; readonly speaker: Speaker; readonly binding: Binding }
export interface Placed { readonly session: SessionState | undefined; readonly method: number; readonly confidence: number }

export function placeSpecialRow({ parts, suspects, dhcp, acks }: SpecialRowParts, request: SpecialRow): Placed {
  const { batch, row, view, speaker, binding } = request
  const hints = batch.hints[row]!
  const atMs = batch.receivedMs[row]!
  if ((hints & (HINT.dhcp | HINT.tftp)) !== 0) {
    if (!speaker.isDhcp) parts.counters.add('claims-refused')
    const subject = !speaker.isDhcp ? undefined
      : (hints & HINT.dhcp) !== 0 ? dhcp.place({ batch, row, speaker, atMs, textOf: (of) => textOf(batch, of, view) })
      : placeFileRow(parts, suspects, { batch, row, speaker, atMs, text: textOf(batch, row, view) })
    if (subject !== undefined) return { session: subject, method: METHOD.subject, confidence: CONFIDENCE.subject }
  } else if (isAccessRow(speaker, batch, row)) {
    const subject = placeFileRow(parts, suspects, { batch, row, speaker, atMs, text: textOf(batch, row, view) })
    if (subject !== undefined) return { session: subject, method: METHOD.subject, confidence: CONFIDENCE.subject }
    if (hints === 0) return { session: placeUserland(parts, { batch, row, node: binding.node, speaker }), method: binding.method, confidence: binding.confidence }
  }
  if ((hints & (HINT.hps | WIRE)) === HINT.hps) {
    const { session, isSubject } = placeHpsRow(parts, suspects, { batch, row, speaker, binding, text: textOf(batch, row, view) })
    return isSubject ? { session, method: METHOD.subject, confidence: CONFIDENCE.subject } : { session, method: binding.method, confidence: binding.confidence }
  }
  if ((hints & WIRE) !== 0) {
    const placed = placeWireRow(parts, suspects, request)
    if ((hints & HINT.ack) !== 0) acks.place({ batch, row, speaker, text: wordsOf(batch, row, view), ...placed })
    return placed
  }
  const { node } = binding
  if (node === undefined) return { session: undefined, method: binding.method, confidence: binding.confidence }
  const session = (hints & HINT.kernel) !== 0 ? placeKernel(parts, suspects, { ...request, node }) : placeToldAgain(parts, { ...request, node })
  return { session, method: binding.method, confidence: binding.confidence }
}

/** Rows of the wire contract: each may carry a label, which says more than the address and the name. */
function placeWireRow(parts: Parts, suspects: Suspects, request: SpecialRow): Placed {
  const { batch, row, view, speaker, binding } = request
  const hints = batch.hints[row]!
  const label = (hints & HINT.label) === 0 ? '' : labelOf(batch, row, view)
  const labelled = label === '' ? undefined : labelledSession(parts, { label, speaker, binding })
  const node = labelled?.node ?? binding.node
  const stage = (hints & HINT.stage) === 0 ? undefined : toldStage(parts, request, { isLabelled: labelled !== undefined, method: binding.method, nodeId: node?.id ?? 0 })
  const session = wireSession(parts, suspects, { ...request, labelled, node, stage })
  if (session !== undefined) {
    if (stage !== undefined && (labelled !== undefined || !isSaidBefore(session, request))) parts.book.advance(session, sightingOf(session, { batch, row, speaker, stage, by: 'label' }))
    if ((hints & HINT.hps) !== 0 && labelled !== undefined) hearHps(parts, suspects, { batch, row, speaker, session, meaning: meaningOf(wordsOf(batch, row, view)) })
    if ((hints & HINT.ipxe) !== 0 && isBeforeKernel(session)) noteIpxe(parts, session, request)
  }
  const placed: Placed = labelled === undefined || session?.node !== labelled.node
    ? { session, method: binding.method, confidence: binding.confidence }
    : { session, method: METHOD.token, confidence: CONFIDENCE.token }
  if ((hints & HINT.trigger) !== 0) emitTrigger(parts, request, placed)
  return placed
}

/** iPXE runs, and says what it has fetched. */
function noteIpxe({ book }: Parts, session: SessionState, { batch, row, view, speaker }: SpecialRow): void {
  book.advance(session, sightingOf(session, { batch, row, speaker, stage: 'ipxe.start', by: 'ipxe' }))
  const file = ipxeFetched(textOf(batch, row, view))
  const stage = file === undefined ? undefined : bootFileStage(file)
  if (stage !== undefined) book.advance(session, sightingOf(session, { batch, row, speaker, stage, by: 'ipxe' }))
}

interface WireRow extends SpecialRow { readonly labelled: SessionState | undefined; readonly node: NodeState | undefined; readonly stage: Stage | undefined }

function wireSession(parts: Parts, suspects: Suspects, { labelled, node, stage, ...request }: WireRow): SessionState | undefined {
  const { batch, row, view, speaker } = request
  const hints = batch.hints[row]!
  const atMs = batch.receivedMs[row]!
  if ((hints & HINT.announcement) !== 0) return placeAnnouncement(parts, suspects, { text: wordsOf(batch, row, view), node, atMs, conflict: () => speaker.source.batchConflicts++ })
  if (node === undefined) return undefined
  const isIpxe = (hints & HINT.ipxe) !== 0
  // The label on a kernel's command line may be as old as the boot loader's menu: a kernel's own evidence says which boot it is.
  if ((hints & HINT.kernel) !== 0 && !isIpxe) return placeKernel(parts, suspects, { ...request, node })
  if (labelled !== undefined && (labelled !== node.current || node.suspect !== undefined)) return labelled
  if (isIpxe) return placeIpxe(parts, suspects, { node, atMs })
  // What says itself where the boot is, is no sign of a system that runs.
  return stage === undefined ? placeUserland(parts, { batch, row, node, speaker }) : sessionFor(parts, node, atMs)
}

interface AnnouncedRow { readonly text: string; readonly node: NodeState | undefined; readonly atMs: number; readonly conflict: () => void }

function placeAnnouncement(parts: Parts, suspects: Suspects, { text, node: identified, atMs, conflict }: AnnouncedRow): SessionState | undefined {
  const announcement = parseAnnouncement(text)
  if (announcement.kind === 'malformed') {
    parts.counters.add(`malformed:${announcement.reason}`)
    return identified === undefined ? undefined : sessionFor(parts, identified, atMs)
  }
  if (announcement.kind === 'end') return identified === undefined ? undefined : (placeEnd(parts, suspects, { node: identified, reason: announcement.reason, atMs }) ?? sessionFor(parts, identified, atMs))
  const node = announcedNode(parts, { identified, announcement, atMs })
  if (node === undefined) return undefined
  if (contradicts(node, announcement)) conflict()
  return placeStart(parts, suspects, { node, start: announcement, atMs })
}

/** iPXE speaks: the machine is before its kernel, so a session that had got further has ended without a word. */
function placeIpxe(parts: Parts, suspects: Suspects, { node, atMs }: { readonly node: NodeState; readonly atMs: number }): SessionState {
  const { current } = node
  const isLate = current !== undefined && !isBeforeKernel(current) && atMs - current.lastMessageMs < REBOOT_TAKES_MS
  if (isLate) return sessionFor(parts, node, atMs)
  suspects.settle(node, atMs)
  return networkBoot(parts, node, { origin: 'dhcp', atMs })
}

type NodeRow = SpecialRow & { readonly node: NodeState }

function placeKernel(parts: Parts, suspects: Suspects, { batch, row, speaker, node }: NodeRow): SessionState {
  const receivedMs = batch.receivedMs[row]!
  const isBanner = (batch.hints[row]! & HINT.kernelBanner) !== 0
  const clockUs = batch.printkUs[row]!
  if (Number.isNaN(clockUs) && !isBanner) return placePlainKernelRow(parts, { batch, row, speaker, node })
  const us = Number.isNaN(clockUs) ? 0 : clockUs
  return placeKernelRow(parts, suspects, { node, receivedMs, time: timeOfRow(batch, row, speaker), clockUs: us, isBanner, mark: markOf(batch, row, us), seq: seqOf(batch, row) })
}

/** Text that looks like the kernel's but came from a program (`dmesg | logger`): never evidence, and counted when the session has it already. */
function placeToldAgain(parts: Parts, { batch, row, speaker, node }: NodeRow): SessionState | undefined {
  const session = placeUserland(parts, { batch, row, node, speaker })
  const clockUs = batch.printkUs[row]!
  if (session?.kernel !== undefined && isTelling(clockUs) && compareMark(session.kernel, clockUs, markOf(batch, row, clockUs)) === 'known') {
    session.batchReplayed++
    parts.counters.add('replay:rows')
  }
  return session
}

const NOTHING_READ = { to: '', severity: '', subject: '', body: '' } as const

function emitTrigger(parts: Parts, { batch, row, view }: SpecialRow, { session, method }: Placed): void {
  const start = batch.frameStart[row]! + batch.textOff[row]!
  const command = parseTriggerCommand(decodeText(view.subarray(start, start + batch.textLen[row]!)).text.replace(LABEL_PREFIX, ''))
  const about = { nodeId: session?.node.id ?? 0, sessionId: session?.id ?? 0, method: IDENTITY_METHODS[method]! }
  if (command.kind === 'malformed') parts.counters.add(`malformed:${command.reason}`)
  // whoever wrote it is to see what is wrong with it, where other refusals are seen
  const event = command.kind === 'malformed' ? { ...about, ...NOTHING_READ, fault: command.reason } : { ...about, to: command.to, severity: command.severity, subject: command.subject, body: command.body }
  parts.emit((firstSeq) => ({ kind: 'trigger', seq: firstSeq + row, ...event }))
}

function textOf(batch: Batch, row: number, view: Buffer): string {
  const start = batch.frameStart[row]! + batch.textOff[row]!
  return view.toString('latin1', start, start + batch.textLen[row]!)
}

/** The text behind a label prefix: the words of the wire contract begin there. */
const wordsOf = (batch: Batch, row: number, view: Buffer): string => textOf(batch, row, view).replace(LABEL_PREFIX, '')

function labelOf(batch: Batch, row: number, view: Buffer): string {
  const start = batch.frameStart[row]! + batch.labelOff[row]!
  return view.toString('latin1', start, start + batch.labelLen[row]!)
}

function markOf(batch: Batch, row: number, clockUs: number): number {
  const start = batch.frameStart[row]! + batch.textOff[row]!
  return kernelMark(clockUs, batch.bytes, start, start + batch.textLen[row]!)
}
