import type { SinkFault } from '../protocol.ts'
import { NotAFile } from './recover.ts'

const FAULTS: Readonly<Record<string, SinkFault>> = { ENOSPC: 'full', EDQUOT: 'full', EFBIG: 'full', EROFS: 'read-only', ENOENT: 'missing', ENOTDIR: 'missing', EACCES: 'refused', EPERM: 'refused', EISDIR: 'refused' }

/** What the system's refusal means to whoever looks after the disk. */
export function faultOf(error: unknown): SinkFault {
  if (error instanceof NotAFile) return 'refused'
  const { code } = (typeof error === 'object' && error !== null ? error : {}) as { readonly code?: unknown }
  return (typeof code === 'string' ? FAULTS[code] : undefined) ?? 'failed'
}

export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
