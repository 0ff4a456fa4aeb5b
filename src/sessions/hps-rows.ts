import type { Batch } from '#domain/batch.ts'
import { evidenceOf } from '#domain/evidence.ts'
import { IDENTITY_METHODS } from '#domain/message.ts'
import { placeEnd } from './announcements.ts'
import { isHpsName, parseHpsLine, type HpsLine } from './hps-line.ts'
import { hpsMeaning, type HpsMeaning } from './hps-words.ts'
import { networkBoot, openBoot, sessionFor, type Parts } from './lifecycle.ts'
import { isBeforeKernel } from './session-book.ts'
import type { Speaker } from './sources.ts'
import { isSaidBeforeOpening, sightingOf } from './stage-sightings.ts'
import type { NodeState, SessionState } from './state.ts'
import { learnName, nodeOfMac } from './subjects.ts'
import type { Suspects } from './suspects.ts'
import { isSaidBefore, placeUserland } from './userland.ts'
import type { Binding } from './voice.ts'

interface HpsRow { readonly batch: Batch; readonly row: number; readonly speaker: Speaker; readonly binding: Binding; readonly text: string }
export interface HpsPlaced { readonly session: SessionState | undefined; readonly isSubject: boolean }

/** A line of HPS: of its server about the machine it works for, or of a node about itself. */
export function placeHpsRow(parts: Parts, suspects: Suspects, request: HpsRow): HpsPlaced {
  const { batch, row, speaker, binding } = request
  const line = parseHpsLine(request.text)
  const meaning = line.isError ? hpsMeaning('') : hpsMeaning(line.words)
  const subject = subjectOf(parts, request, line)
  const node = subject ?? binding.node
  if (node === undefined) return { session: undefined, isSubject: false }
  const isSubject = subject !== undefined
  const isProven = isSubject || evidenceOf(IDENTITY_METHODS[binding.method]!, node.id) === 'B'
  const isMeant = meaning.stage !== undefined || meaning.begins === 'firmware' || meaning.ends !== undefined
  if (isMeant && !isProven) parts.counters.add('stage:unproven')
  const session = isProven && meaning.begins !== undefined ? begin(parts, suspects, { ...request, node, begins: meaning.begins })
    // What says itself where the boot is, is no sign of a system that runs; nor is what somebody else says.
    : isSubject || (isProven && isMeant) ? sessionFor(parts, node, batch.receivedMs[row]!)
    : placeUserland(parts, { batch, row, node, speaker })
  if (session !== undefined && isProven) hearHps(parts, suspects, { ...request, session, meaning })
  return { session, isSubject }
}

/** What the words of a line mean for the session that it was found to belong to. */
export function hearHps(parts: Parts, suspects: Suspects, { session, meaning, ...row }: Omit<HpsRow, 'binding' | 'text'> & { readonly session: SessionState; readonly meaning: HpsMeaning }): void {
  const { stage, begins, ends } = meaning
  if (isSaidBefore(session, row) || isSaidBeforeOpening(session, row)) return
  const isPast = begins === 'firmware' && !isBeforeKernel(session)
  if (stage !== undefined && !isPast) parts.book.advance(session, sightingOf(session, { ...row, stage, by: 'hps' }))
  if (ends !== undefined && session === session.node.current) placeEnd(parts, suspects, { node: session.node, reason: ends, atMs: row.batch.receivedMs[row.row]! })
}

/** What the words mean for a row that a label has placed. */
export const meaningOf = (text: string): HpsMeaning => {
  const line = parseHpsLine(text)
  return hpsMeaning(line.isError ? '' : line.words)
}

/** A boot begins: in iPXE as any other network boot does; with the node's functions only when the one before was said to end. */
function begin(parts: Parts, suspects: Suspects, { batch, row, speaker, node, begins }: HpsRow & { readonly node: NodeState; readonly begins: 'firmware' | 'system' }): SessionState {
  const atMs = batch.receivedMs[row]!
  const { current } = node
  if (current !== undefined && isSaidBeforeOpening(current, { batch, row, speaker })) return sessionFor(parts, node, atMs)
  if (begins === 'firmware') {
    suspects.settle(node, atMs)
    return networkBoot(parts, node, { origin: 'dhcp', atMs })
  }
  if (current?.phase === 'ended' && current.end !== 'superseded') openBoot(parts, node, { origin: 'announcement', atMs })
  return placeUserland(parts, { batch, row, node, speaker })!
}

/** Whom the server speaks about: the machine of the MAC, else the host it works for, else the one that its words mention; never itself. */
function subjectOf(parts: Parts, { batch, row, speaker, binding }: HpsRow, line: HpsLine): NodeState | undefined {
  if (!line.isServers) return undefined
  const { directory, counters } = parts
  const named = namedIn(directory, line).filter((node) => node !== binding.node)
  if (!(speaker.isDhcp || speaker.isHub || speaker.isRelay)) {
    if (named.length > 0) counters.add('claims-refused')
    return undefined
  }
  if (line.mac === undefined) return named.length === 1 ? named[0] : undefined
  const name = line.name ?? (isHpsName(line.origin) && directory.byName(line.origin) !== binding.node ? line.origin : undefined)
  const node = nodeOfMac(parts, { mac: line.mac, isOwnMac: line.isOwnMac, address: undefined, name }, batch.receivedMs[row]!)
  return node === undefined || name === undefined ? node : learnName(parts, node, { name, atMs: batch.receivedMs[row]! })
}

/** The known nodes that a line names, the surest first; one of several is none. */
function namedIn(directory: Parts['directory'], { mac, origin, mentioned }: HpsLine): NodeState[] {
  const ofMac = mac === undefined ? undefined : directory.byMac(mac)
  const worked = origin === '' ? undefined : directory.byName(origin)
  if (ofMac !== undefined || worked !== undefined) return [ofMac ?? worked!]
  return [...new Set(mentioned.flatMap((name) => directory.byName(name) ?? []))]
}
