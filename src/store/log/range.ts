export type Numbers = Float64Array | Uint32Array | Uint16Array | Uint8Array

/** Smallest and largest of the first `count` values; NaN is neither. */
export function rangeOf(values: Numbers, count: number): readonly [number, number] {
  let min = Infinity
  let max = -Infinity
  for (let i = 0; i < count; i++) {
    const value = values[i]!
    if (value < min) min = value
    if (value > max) max = value
  }
  return [min, max]
}
