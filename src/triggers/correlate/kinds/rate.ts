import type { KeyState } from '../correlator.ts'
import { ByteReader } from '../memory/bytes.ts'
import { WORD } from '../memory/bytes.ts'
import type { Kind, Part, Tools, WhenOf } from './kind.ts'

/** Buckets of `now`, and about so many of the reference. */
const NOW_BUCKETS = 12
const REFERENCE_BUCKETS = 96

/** How time is cut: all widths in milliseconds or in fine buckets; bucket n begins at n × `fineMs`. */
export interface RateGrid {
  readonly fineMs: number
  /** Fine buckets of `now`. */
  readonly now: number
  /** Fine buckets of a coarse one. */
  readonly coarse: number
  /** Coarse buckets of the reference. */
  readonly reference: number
}

export function gridOf({ nowMs, versusMs }: { readonly nowMs: number; readonly versusMs: number }): RateGrid {
  const fineMs = Math.max(1, Math.ceil(nowMs / NOW_BUCKETS))
  const coarse = Math.max(1, Math.ceil(versusMs / fineMs / REFERENCE_BUCKETS))
  return { fineMs, now: Math.ceil(nowMs / fineMs), coarse, reference: Math.max(1, Math.ceil(versusMs / fineMs / coarse)) }
}

/** First and last fine bucket of the reference, where `bucket` is the newest of `now`. */
export const referenceOf = ({ now, coarse, reference }: RateGrid, bucket: number): { readonly first: number; readonly last: number } => ({
  first: (Math.floor((bucket - now) / coarse) - reference + 1) * coarse,
  last: bucket - now,
})

/** Counts by bucket, rising. */
type Counts = Map<number, number>
interface Seen {
  /** Since when matches of the key are known. */
  readonly sinceMs: number
  readonly fine: Counts
  readonly coarse: Counts
}

/**
 * `rate`: more than `factor` times as many in `now` as on average in the time before, and at least `min`. Time is cut into buckets: `now` is
 * its newest twelve, the one that runs included; the reference is what lies before, in up to 97 wider ones, and its average is taken over their true
 * length. Nothing is raised until the rule has looked for the whole reference: since it was loaded, since a pause of more than a tenth of that
 * time, and for keys that are new after the bounds took some, since then. A key that never matched before has an average of 0. Each match while
 * it holds raises again, with `count` and `usual`.
 */
export class RateKind implements Kind {
  readonly #tools: Tools<WhenOf<'rate'>>
  readonly #grid: RateGrid
  #blindUntilMs = 0

  constructor(tools: Tools<WhenOf<'rate'>>) {
    this.#tools = tools
    this.#grid = gridOf(tools.when)
  }

  take({ given }: Part): void {
    const { keys, when, report, keyless } = this.#tools
    const { subject, captures } = given
    const slot = keys.begin(given, 0)
    if (slot < 0) return keyless()
    const bucket = Math.floor(subject.atMs / this.#grid.fineMs)
    const seen = keys.isNew ? { sinceMs: Math.max(this.#sinceMs(), this.#blindUntilMs), fine: new Map<number, number>(), coarse: new Map<number, number>() } : this.#read(slot)
    const rolled = this.#roll(seen, bucket)
    rolled.fine.set(bucket, (rolled.fine.get(bucket) ?? 0) + 1)
    this.#write(slot, rolled)
    if (keys.store.timers.dueOf(slot) === Infinity) keys.store.timers.set(slot, this.#endMs(bucket))
    const { count, usual, isKnown } = this.#compare(rolled, bucket)
    if (isKnown && count >= when.min && count > usual * when.factor) {
      report.raise(keys.keyOf(slot), { reason: 'spiked', subject, captures, extra: { count: String(count), usual: usual.toFixed(1) } })
    }
  }

  due(slot: number, nowMs: number): void {
    if (slot === this.#ruleSlot) return
    const endMs = this.#endMs(this.#newest(this.#read(slot)))
    if (endMs <= nowMs) this.#tools.keys.remove(slot)
    else this.#tools.keys.store.timers.set(slot, endMs)
  }

  restored(slot: number): void {
    const { store } = this.#tools.keys
    if (this.#tools.keys.isOfRule(slot)) this.#ruleSlot = slot
    else store.timers.set(slot, this.#endMs(this.#newest(this.#read(slot))))
  }

  start(nowMs: number): void {
    if (this.#ruleSlot < 0) this.#setSince(nowMs)
  }

  resumed({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }): void {
    if (toMs - fromMs > this.#tools.when.versusMs / 10) {
      this.#setSince(toMs)
      this.#blindUntilMs = toMs
    }
  }

  dropping(_slot: number, nowMs: number): void {
    this.#blindUntilMs = nowMs
  }

  explain(slot: number, nowMs: number): KeyState {
    const bucket = Math.floor(nowMs / this.#grid.fineMs)
    const { count, usual, isKnown } = this.#compare(this.#roll(this.#read(slot), bucket), bucket)
    const need = Math.max(this.#tools.when.min, Math.floor(usual * this.#tools.when.factor) + 1)
    const known = isKnown ? '' : '; the time before has not been seen for its whole length'
    return { summary: `${count} now, usually ${usual.toFixed(1)}${known}`, have: count, need, dueMs: undefined }
  }

  #ruleSlot = -1
  #sinceMs(): number {
    const { store } = this.#tools.keys
    return this.#ruleSlot < 0 ? 0 : store.f64Of(this.#ruleSlot)[store.wordOf(this.#ruleSlot)]!
  }
  #setSince(nowMs: number): void {
    const { keys } = this.#tools
    this.#ruleSlot = keys.beginRule(WORD)
    keys.store.f64Of(this.#ruleSlot)[keys.store.wordOf(this.#ruleSlot)] = nowMs
    keys.changed(this.#ruleSlot)
  }

  #compare({ sinceMs, fine, coarse }: Seen, bucket: number): { readonly count: number; readonly usual: number; readonly isKnown: boolean } {
    const { first, last } = referenceOf(this.#grid, bucket)
    const before = coarse.values().reduce((sum, one) => sum + one, 0)
    const since = Math.max(sinceMs, this.#sinceMs())
    return { count: fine.values().reduce((sum, one) => sum + one, 0), usual: (before / (last - first + 1)) * this.#grid.now, isKnown: since <= first * this.#grid.fineMs }
  }

  /** What left `now` goes to the reference, and what left that is forgotten. */
  #roll({ sinceMs, fine, coarse }: Seen, bucket: number): Seen {
    const { first, last } = referenceOf(this.#grid, bucket)
    const to: Counts = new Map(coarse.entries().filter(([index]) => index * this.#grid.coarse >= first))
    for (const [index, count] of fine) {
      if (index > last || index < first) continue
      const wide = Math.floor(index / this.#grid.coarse)
      to.set(wide, (to.get(wide) ?? 0) + count)
    }
    return { sinceMs, fine: new Map(fine.entries().filter(([index]) => index > last)), coarse: to }
  }

  #newest({ fine, coarse }: Seen): number {
    return fine.size > 0 ? Math.max(...fine.keys()) : (Math.max(...coarse.keys()) + 1) * this.#grid.coarse
  }
  /** When a match of this bucket is in no reference any more. */
  #endMs(bucket: number): number {
    const { now, coarse, reference, fineMs } = this.#grid
    return (bucket + now + (reference + 1) * coarse) * fineMs
  }

  #write(slot: number, { sinceMs, fine, coarse }: Seen): void {
    const { keys, writer } = this.#tools
    writer.clear().f64(sinceMs)
    for (const counts of [fine, coarse]) {
      writer.varint(counts.size)
      for (const [index, count] of counts) writer.varint(index).varint(count)
    }
    keys.write(slot, writer.written)
  }
  #read(slot: number): Seen {
    const reader = new ByteReader(this.#tools.keys.store.stateOf(slot))
    const sinceMs = reader.f64()
    const counts = (): Counts => new Map(Array.from({ length: Math.min(reader.varint(), 1000) }, () => [reader.varint(), reader.varint()]))
    return { sinceMs, fine: counts(), coarse: counts() }
  }
}
