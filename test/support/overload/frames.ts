/**
 * A message that can be told from every other: it says its sender and its number. `urgentEvery`: so many-th is of severity err, the others of notice.
 */
export interface Numbered {
  readonly sender: number
  readonly payloadBytes: number
  readonly urgentEvery: number
}

export const OVERLOAD_APP = 'overload'
const FACILITY_USER = 8
const [ERR, NOTICE] = [3, 5]

export const isUrgentNumber = ({ urgentEvery }: Pick<Numbered, 'urgentEvery'>, n: number): boolean => n % urgentEvery === 0

export function frameOf(of: Numbered, n: number): string {
  const severity = isUrgentNumber(of, n) ? ERR : NOTICE
  return `<${FACILITY_USER + severity}>1 - ov-${of.sender} ${OVERLOAD_APP} - - - s${of.sender}. n${n}. ${'x'.repeat(of.payloadBytes)}`
}

/** What is stored of each sender: for each of its numbers, how often. */
export class StoredNumbers {
  readonly #times = new Map<number, number[]>()

  /** A line of an export, as received. Lines that are none of these are passed over. */
  take(line: string): void {
    const found = /- s(\d+)\. n(\d+)\. x+$/.exec(line)
    if (found === null) return
    const times = this.#times.get(Number(found[1])) ?? []
    if (!this.#times.has(Number(found[1]))) this.#times.set(Number(found[1]), times)
    times[Number(found[2])] = (times[Number(found[2])] ?? 0) + 1
  }

  /** @param sent numbers from 0 on that the sender has sent */
  of(sender: number, sent: number): { readonly distinct: number; readonly missing: readonly number[]; readonly doubled: number; readonly neverSent: number } {
    const times = this.#times.get(sender) ?? []
    const missing: number[] = []
    let doubled = 0
    for (let n = 0; n < sent; n++) {
      if (times[n] === undefined) missing.push(n)
      else if (times[n]! > 1) doubled++
    }
    return { distinct: sent - missing.length, missing, doubled, neverSent: Math.max(0, times.length - sent) }
  }
}
