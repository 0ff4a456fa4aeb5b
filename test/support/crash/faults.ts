import type { RunningHub } from '../hub.ts'
import { line, type Id, type Sent } from './load.ts'

const SHOWN_FAULTS = 10
const ID = /r(\d+)\. s(\d+)\. n(\d+)\. .*$/

/** What a hub has of one round, against what was acknowledged and sent. */
export interface RoundCheck {
  readonly faults: readonly string[]
  readonly firstSeq: number
  readonly lastSeq: number
  readonly rows: number
}

/**
 * Every acknowledged line of the round must be there once with its very text; nothing may be there twice; what one sender
 * sent must lie in its order by seq.
 */
export async function checkRound(hub: RunningHub, round: number, { acknowledged }: Sent): Promise<RoundCheck> {
  const found = await hub.searchAll(`"r${round}."`)
  const faults: string[] = []
  const bySender = new Map<number, Set<number>>()
  const last = new Map<number, number>()
  for (const { seq, text } of found) {
    const id = idOf(text)
    if (id === undefined || id.round !== round || !text.endsWith(line(id))) {
      faults.push(`seq ${seq} was never sent: ${text.slice(0, 80)}`)
      continue
    }
    const { sender, n } = id
    const numbers = bySender.get(sender) ?? new Set()
    bySender.set(sender, numbers)
    if (numbers.has(n)) faults.push(`twice: ${nameOf(id)}`)
    else if (n < (last.get(sender) ?? -1)) faults.push(`out of order: ${nameOf(id)} after ${last.get(sender)}`)
    numbers.add(n)
    last.set(sender, n)
  }
  for (const [sender, count] of acknowledged.entries()) {
    for (let n = 0; n < count; n++) if (bySender.get(sender)?.has(n) !== true) faults.push(`lost: ${nameOf({ round, sender, n })}`)
  }
  return { faults: faults.slice(0, SHOWN_FAULTS), firstSeq: found[0]?.seq ?? Infinity, lastSeq: found.at(-1)?.seq ?? 0, rows: found.length }
}

/** What of all rounds together is missing or twice: later seals, recoveries and merges took nothing away. @param rounds by number */
export async function checkAcknowledged(hub: RunningHub, rounds: ReadonlyMap<number, Sent>): Promise<string[]> {
  const times = new Map<string, number>()
  for (const { text } of await hub.searchAll('crashword')) {
    const id = idOf(text)
    if (id !== undefined) times.set(nameOf(id), (times.get(nameOf(id)) ?? 0) + 1)
  }
  const faults = [...times].filter(([, count]) => count > 1).map(([name, count]) => `${count} times: ${name}`)
  for (const [round, { acknowledged }] of rounds) {
    for (const [sender, count] of acknowledged.entries()) {
      for (let n = 0; n < count; n++) if (!times.has(nameOf({ round, sender, n }))) faults.push(`lost at the end: ${nameOf({ round, sender, n })}`)
    }
  }
  return faults.slice(0, SHOWN_FAULTS)
}

const nameOf = ({ round, sender, n }: Id): string => `r${round}. s${sender}. n${n}.`

function idOf(text: string): Id | undefined {
  const match = ID.exec(text)
  return match === null ? undefined : { round: Number(match[1]), sender: Number(match[2]), n: Number(match[3]) }
}
