import { limitMs, usualMs, type Rhythm, type SilenceReason } from '#domain/silence.ts'
import type { SessionState } from '../state.ts'
import type { SilenceSettings } from './settings.ts'

/** When somebody must have spoken again, and what it is called if not. */
export interface Expectation {
  readonly reason: SilenceReason
  /** Its silence counts from here on. */
  readonly fromMs: number
  readonly limitMs: number
  /** The longest gap that is usual; 0: not known. */
  readonly usualMs: number
}

export type Boot = Pick<SessionState, 'phase' | 'end' | 'openedMs' | 'endedMs' | 'kind' | 'bootActivityMs'>

/** What is expected of a node in this session; undefined: nothing. */
export function expectNode(rhythm: Rhythm, { boot, settings }: { readonly boot: Boot | undefined; readonly settings: SilenceSettings }): Expectation | undefined {
  const { minMs, learnMs, bootMs } = settings
  const { spokeMs, floorMs } = rhythm
  const usual = usualMs(rhythm, learnMs)
  if (boot?.phase === 'ended' && boot.end === 'shutdown') return undefined
  if (boot?.phase === 'ended' && boot.end === 'reboot') return { reason: 'reboot', fromMs: Math.max(floorMs, boot.endedMs ?? spokeMs), limitMs: bootMs, usualMs: usual ?? 0 }
  if (usual === undefined) return undefined
  const limit = limitMs(usual, minMs)
  // iPXE and the installer have another rhythm than the system, and are done within the grace or not at all
  if (boot !== undefined && boot.openedMs > spokeMs) return { reason: 'boot', fromMs: Math.max(floorMs, boot.openedMs, boot.bootActivityMs), limitMs: Math.max(limit, bootMs), usualMs: usual }
  return { reason: 'stopped', fromMs: Math.max(floorMs, spokeMs), limitMs: boot?.kind === 'install' ? Math.max(limit, bootMs) : limit, usualMs: usual }
}

/** The node that a sender belongs to, and what is known of it. */
export interface SenderOwner { readonly rhythm: Rhythm | undefined; readonly boot: Boot | undefined; readonly isSilent: boolean }

/** What is expected of a sender. Of one that belongs to a node: only while the node goes on speaking, in the boot in which the sender spoke. */
export function expectSource(rhythm: Rhythm, { owner, settings }: { readonly owner: SenderOwner | undefined; readonly settings: SilenceSettings }): Expectation | undefined {
  const usual = usualMs(rhythm, settings.learnMs)
  if (usual === undefined) return undefined
  const fromMs = Math.max(rhythm.floorMs, rhythm.spokeMs)
  const limit = limitMs(usual, settings.minMs)
  if (owner === undefined) return { reason: 'stopped', fromMs, limitMs: limit, usualMs: usual }
  if (owner.isSilent || owner.rhythm === undefined || owner.rhythm.spokeMs <= fromMs + limit) return undefined
  if (owner.boot !== undefined && (owner.boot.phase === 'ended' || owner.boot.openedMs > rhythm.spokeMs)) return undefined
  return { reason: 'other-way', fromMs, limitMs: limit, usualMs: usual }
}
