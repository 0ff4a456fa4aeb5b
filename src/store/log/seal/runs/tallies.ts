import { ByteReader, ByteWriter } from '../byte-stream.ts'
import type { Tallies } from './run.ts'

/** Each number as its distance from the one before (zigzag, since origins are sorted by who they are), then its count. */
export function encodeTallies({ numbers, counts }: Tallies): Buffer {
  const out = new ByteWriter(8 * (numbers.length + 1))
  out.varint(numbers.length)
  let previous = 0
  for (const [i, number] of numbers.entries()) {
    const distance = number - previous
    out.varint(distance < 0 ? -distance * 2 - 1 : distance * 2)
    out.varint(counts[i]!)
    previous = number
  }
  return Buffer.from(out.bytes())
}

/** Throws RangeError on bytes that end too early. */
export function decodeTallies(bytes: Buffer): Tallies {
  const from = new ByteReader(bytes)
  const length = from.varint()
  if (length > bytes.length) throw new RangeError(`a list of ${length} in ${bytes.length} bytes`)
  const [numbers, counts] = [new Uint32Array(length), new Uint32Array(length)]
  let previous = 0
  for (let i = 0; i < length; i++) {
    const zigzag = from.varint()
    previous += zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2
    numbers[i] = previous
    counts[i] = from.varint()
  }
  return { numbers, counts }
}
