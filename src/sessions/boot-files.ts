import { HINT, type Batch } from '#domain/batch.ts'
import type { StageWitness } from '#domain/stages.ts'
import { bootFileStage } from './boot-file.ts'
import { isBootAgent, parseAccessLine, parseTftpLine } from './file-line.ts'
import { networkBoot, sessionFor, type Parts } from './lifecycle.ts'
import { isBeforeKernel } from './session-book.ts'
import type { Speaker } from './sources.ts'
import { isSaidBeforeOpening, sightingOf } from './stage-sightings.ts'
import type { SessionState } from './state.ts'
import type { Suspects } from './suspects.ts'

interface FileRow { readonly batch: Batch; readonly row: number; readonly speaker: Speaker; readonly atMs: number; readonly text: string }

/**
 * The session of the machine that a TFTP server or web server sent a file to; undefined: nobody has the address, or the line names none.
 * A network boot program by TFTP, and whatever a boot loader fetches, shows that the machine is before its kernel.
 */
export function placeFileRow(parts: Parts, suspects: Suspects, request: FileRow): SessionState | undefined {
  const { batch, row, atMs, text } = request
  const by: StageWitness = (batch.hints[row]! & HINT.tftp) !== 0 ? 'tftp' : 'http'
  const { address, file, isSent, agent } = by === 'tftp' ? parseTftpLine(text) : parseAccessLine(text)
  const node = address === undefined ? undefined : parts.directory.owner(address)?.node
  if (node === undefined) return undefined
  const told = bootFileStage(file)
  const isBooting = by === 'http' ? isBootAgent(agent) : isSent && told === 'nbp.sent'
  const isOver = node.current !== undefined && isSaidBeforeOpening(node.current, request)
  if (isBooting && !isOver) suspects.settle(node, atMs)
  const session = isBooting && !isOver ? networkBoot(parts, node, { origin: 'dhcp', atMs }) : sessionFor(parts, node, atMs)
  // A system that runs fetches files too.
  if (isOver || !isBeforeKernel(session)) return session
  if (agent.startsWith('iPXE')) parts.book.advance(session, sightingOf(session, { ...request, stage: 'ipxe.start', by }))
  const stage = told ?? (by === 'tftp' ? 'nbp.sent' : undefined)
  if (isSent && stage !== undefined) parts.book.advance(session, sightingOf(session, { ...request, stage, by }))
  return session
}
