/**
 * How a column of numbers is written. The first byte: its low seven bits are a codec, the highest says that the base is negative.
 * Codecs 0 to 53 are bit widths: then the base (a varint), and (value − base) packed in so many bits in `dense`; width 0 is a column of
 * one value. All others have a name; a varint of entries or runs follows, or the base, as said there.
 */
export const NUMBER_CODEC = {
  /** Distinct values in rising order (a column), index (a column). */
  dictionary: 64,
  /** The base is the first value; then the differences (a column, one shorter). */
  delta: 65,
  /** Values of the runs (a column), their lengths (a column). */
  runs: 66,
  /** Bytes of (value − base), lowest plane first; a mask of the planes that lie in `dense`, with a bit above them. */
  planes: 67,
  /** Doubles, eight planes of their bytes. */
  raw: 68,
  /** Thousandths (a column): milliseconds with microseconds in them. */
  thousandths: 69,
} as const
export const NEGATIVE_BASE = 128
export const MAX_WIDTH = 53
