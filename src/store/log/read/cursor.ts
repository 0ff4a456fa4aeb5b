import { AppFault } from '#domain/fault.ts'
import type { SearchOptions } from '../../port.ts'

/** A place in a search: the seq it has come to. It stays right while messages arrive, since new ones have higher seqs. */
export function encodeCursor(order: SearchOptions['order'], seq: number): string {
  return Buffer.from(`1.${order === 'newest' ? 'n' : 'o'}.${seq}`, 'latin1').toString('base64url')
}

/** @returns the seq; throws AppFault `bad-cursor` on one that is not ours or belongs to the other order */
export function decodeCursor(order: SearchOptions['order'], cursor: string): number {
  const match = /^1\.([no])\.(\d{1,16})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1'))
  if (match === null) throw new AppFault('bad-cursor', 'the cursor cannot be read')
  if ((match[1] === 'n') !== (order === 'newest')) throw new AppFault('bad-cursor', 'the cursor belongs to the other order')
  return Number(match[2])
}
