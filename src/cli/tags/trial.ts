import { createFrameReader, type ReadFrame, type TagSetting } from '#ingest/index.ts'

/** One kind of message, the same before a mapping. */
export interface TriedKind { count: number; readonly before: ReadFrame; readonly after: ReadFrame }

export interface Trial {
  readonly tried: number
  /** Given a tag by the entry that is tried. */
  readonly matched: number
  /** Taken by an entry before it. */
  readonly takenBefore: number
  /** The entry speaks of them, but cannot give them a name. */
  readonly unfit: number
  /** The most frequent first; later kinds than `MAX_KINDS` are only counted. */
  readonly mapped: readonly TriedKind[]
  readonly left: readonly TriedKind[]
}

/** Kinds that are kept for show. */
const MAX_KINDS = 1000

/** Reads stored messages once without and once with the list, by the parser and mapping that ingest has. The entry that is tried is the last. */
export async function tryTags(messages: AsyncIterable<Uint8Array>, { tags, address, receivedMs }: { readonly tags: readonly TagSetting[]; readonly address: string; readonly receivedMs: number }): Promise<Trial> {
  const plain = createFrameReader()
  const mapping = createFrameReader({ tags, address })
  const counts = { tried: 0, matched: 0, takenBefore: 0, unfit: 0 }
  const [mapped, left] = [new Map<string, TriedKind>(), new Map<string, TriedKind>()]
  for await (const bytes of messages) {
    const before = plain.read({ bytes, receivedMs })
    const after = mapping.read({ bytes, receivedMs })
    const isMapped = after.faults.includes('mapped-app')
    const isByEntry = after.tagIndex === tags.length - 1
    counts.tried++
    if (isMapped && isByEntry) counts.matched++
    else if (isMapped) counts.takenBefore++
    else if (isByEntry) counts.unfit++
    if (isMapped && !isByEntry) continue
    const kinds = isMapped ? mapped : left
    const kind = kinds.get(before.template)
    if (kind !== undefined) kind.count++
    else if (kinds.size < MAX_KINDS) kinds.set(before.template, { count: 1, before, after })
  }
  const ranked = (kinds: ReadonlyMap<string, TriedKind>): TriedKind[] => [...kinds.values()].sort((a, b) => b.count - a.count)
  return { ...counts, mapped: ranked(mapped), left: ranked(left) }
}
