import type { AckRequest, AckView, Caller } from '#api/index.ts'
import { AppFault } from '#domain/fault.ts'
import type { Source } from '#domain/source.ts'
import type { AckArrival } from '#sessions/index.ts'
import { ACK_MEMORY_MS, type Acks, type FoundAck } from '../acks.ts'
import type { StoredAcks } from '../acks-stored.ts'
import { presentLogged, presentMissed } from '../acks-view.ts'
import type { Names } from '../names.ts'
import { createTurns } from '../turns.ts'

/** Searches of one moment: they are only needed for people, and while the memory does not reach back ten minutes. */
const SEARCHES_AT_ONCE = 2
/** Of a search for a machine; people have the deadline of their other searches. */
const MACHINE_DEADLINE_MS = 2000

export interface AcksPartOptions {
  readonly acks: Acks
  readonly stored: Pick<StoredAcks, 'find'>
  readonly names: Pick<Names, 'node' | 'session'>
  readonly clock: () => number
  readonly deadlineMs: number
  /** Whether this listener speaks TLS. */
  readonly isSecure: (listener: string) => boolean
  /** The senders at an address. */
  readonly sendersAt: (address: string) => readonly Source[]
  /** Lets `sendersAt` know when they were last heard. */
  readonly freshen: () => Promise<unknown>
}

/**
 * "Did my log arrive?" A node learns of its own messages of the last ten minutes: those about it, and those that no node is
 * known for and that came from its address. A caller that is no node learns of what came from its address. People learn of all.
 */
export function createAcksPart({ acks, stored, names, clock, deadlineMs, isSecure, sendersAt, freshen }: AcksPartOptions): (request: AckRequest) => Promise<AckView> {
  const turn = createTurns(SEARCHES_AT_ONCE)

  return async ({ key, waitMs, caller, signal }) => {
    const fits = fitsOf(caller)
    const isPerson = isPersonal(caller)
    const enough = new AbortController()
    const until = signal === undefined ? enough.signal : AbortSignal.any([signal, enough.signal])
    const search = async (): Promise<Searched> =>
      turn(async () => {
        if (until.aborted) return NOT_SEARCHED
        const sourceIds = isPerson ? [] : sendersAt(caller.address).map(({ id }) => id)
        return stored.find({
          key, fits, signal: until,
          ...(isPerson
            ? { sinceMs: undefined, deadlineMs }
            : { sinceMs: clock() - ACK_MEMORY_MS, of: { nodeIds: caller.nodeId === undefined ? [] : [caller.nodeId], sourceIds }, deadlineMs: MACHINE_DEADLINE_MS }),
        })
      }).catch(asUnsearched)
    const remembered = () => acks.find(key, { waitMs: 0, fits })
    const known = await remembered()
    if (known !== undefined) return presentLogged(known, { names, isSecure })
    const arriving = acks.find(key, { waitMs, fits, signal: until })
    let isAll = true
    try {
      if (isPerson || !acks.isWhole) {
        const searched = search()
        const first = await Promise.race([searched, arriving.then((found) => (found === undefined ? searched : { found, isAll: true }))])
        // the memory knows more than the store
        if (first.found !== undefined) return presentLogged((await remembered()) ?? first.found, { names, isSecure })
        ;({ isAll } = first)
      }
      const found = await arriving
      if (found !== undefined) return presentLogged(found, { names, isSecure })
      // arrived during the wait, and yet beyond what is told of one sender
      if (!acks.isWhole && waitMs > 0 && signal?.aborted !== true) {
        const again = await search()
        if (again.found !== undefined) return presentLogged(again.found, { names, isSecure })
        ;({ isAll } = again)
      }
    } finally {
      enough.abort()
    }
    await freshen()
    return presentMissed({ key, waitMs, caller, isAll, senders: sendersAt(caller.address), malformed: acks.malformedFrom(caller.address), nowMs: clock() })
  }
}

interface Searched { readonly found: FoundAck | undefined; readonly isAll: boolean }
const NOT_SEARCHED: Searched = { found: undefined, isAll: false }

/** A store that has no time for a search leaves the answer open; it may still arrive during the wait. */
function asUnsearched(fault: unknown): Searched {
  if (fault instanceof AppFault && ['too-many', 'deadline', 'shutting-down'].includes(fault.code)) return NOT_SEARCHED
  throw fault
}

const isPersonal = ({ role }: Caller): boolean => role === 'operator' || role === 'viewer'

function fitsOf({ role, address, nodeId }: Caller): (arrival: AckArrival) => boolean {
  if (role === 'operator' || role === 'viewer') return () => true
  if (nodeId === undefined) return (arrival) => arrival.address === address
  return (arrival) => arrival.nodeId === nodeId || (arrival.nodeId === 0 && arrival.address === address)
}
