import type { PlannedRecords, PlannedWork } from '#store/index.ts'

/** The work that is announced, as main wrote it down. */
export interface Planned {
  /** Reads it anew. */
  read(nowMs: number): void
  /** What is going on now. */
  active(nowMs: number): readonly PlannedWork[]
}

export function createPlanned(records: Pick<PlannedRecords, 'ahead'>, nowMs: number): Planned {
  let ahead = records.ahead(nowMs)
  return {
    read: (atMs) => void (ahead = records.ahead(atMs)),
    active(atMs) {
      if (ahead.length === 0) return ahead
      return ahead.filter(({ fromMs, untilMs }) => fromMs <= atMs && atMs < untilMs)
    },
  }
}

/** Whether the work is about this node (0: none), or about somebody at this address. */
export const isAbout = ({ nodeId, address }: Pick<PlannedWork, 'nodeId' | 'address'>, who: { readonly nodeId: number; isAt(address: string): boolean }): boolean => {
  if (nodeId !== undefined) return nodeId === who.nodeId
  return address === undefined || who.isAt(address)
}
