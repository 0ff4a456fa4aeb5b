/** A set of code points: ascending, separate ranges, both ends included. */
export type CodeSet = readonly (readonly [first: number, last: number])[]

const MAX_CODE = 0x10_ff_ff

/** Any ranges as a set. */
export function codeSet(ranges: CodeSet): CodeSet {
  const merged: [number, number][] = []
  for (const [first, last] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const before = merged.at(-1)
    if (before !== undefined && first <= before[1] + 1) before[1] = Math.max(before[1], last)
    else merged.push([first, last])
  }
  return merged
}

export function complement(set: CodeSet): CodeSet {
  const ranges: [number, number][] = []
  let from = 0
  for (const [first, last] of set) {
    if (first > from) ranges.push([from, first - 1])
    from = last + 1
  }
  if (from <= MAX_CODE) ranges.push([from, MAX_CODE])
  return ranges
}

export const areDisjoint = (a: CodeSet, b: CodeSet): boolean => a.every(([first, last]) => b.every((other) => other[1] < first || other[0] > last))

/** Letters that fold to an ASCII letter without being one (Unicode simple case folding): long s and the Kelvin sign. */
const FOLDED: readonly (readonly [letter: number, code: number])[] = [[0x73, 0x17f], [0x6b, 0x212a]]

/** The set with the other case of its ASCII letters; it must hold nothing beyond ASCII. */
export function foldCase(set: CodeSet): CodeSet {
  const ranges: (readonly [number, number])[] = [...set]
  for (const [first, last] of set) {
    for (const [a, z, shift] of [[65, 90, 32], [97, 122, -32]] as const) {
      if (first <= z && last >= a) ranges.push([Math.max(first, a) + shift, Math.min(last, z) + shift])
    }
  }
  const both = codeSet(ranges)
  return codeSet([...both, ...FOLDED.filter(([letter]) => both.some(([first, last]) => letter >= first && letter <= last)).map(([, code]) => [code, code] as const)])
}
