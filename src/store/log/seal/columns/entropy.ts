/** Estimates what a compressor makes of bytes, from counts of their values. */

/** Values looked at in a longer column. */
export const MAX_SAMPLES = 1024
/**
 * A byte costs more than its entropy: a compressor shares its tables with all other columns of the block. Measured on mixtures of 60
 * skewed columns and text at zstd levels 1, 3 and 9: least bytes in all with 0.2 to 0.8 bits; the middle leaves more of them dense.
 */
export const softBits = (entropy: number): number => entropy * 1.02 + 0.5

/** n × log2 n, for counts of samples. */
const N_LOG_N: Readonly<Float64Array> = Float64Array.from({ length: MAX_SAMPLES + 1 }, (_, n) => (n === 0 ? 0 : n * Math.log2(n)))

/** Bits a byte after compression, from the 256 bins at `from` that hold `samples` ≤ MAX_SAMPLES bytes; clears the bins. */
export function compressedBits(bins: Int32Array, from: number, samples: number): number {
  let sum = 0
  let kinds = 0
  for (let bin = from; bin < from + 256; bin++) {
    const count = bins[bin]
    if (count === 0) continue
    kinds++
    sum += N_LOG_N[count]
    bins[bin] = 0
  }
  if (kinds <= 1) return 0.02
  // Miller–Madow: a sample sees less entropy than there is, by (kinds − 1) / 2n nats.
  const entropy = (N_LOG_N[samples] - sum) / samples + ((kinds - 1) * 0.7213) / samples
  return Math.min(softBits(entropy), 8.1)
}
