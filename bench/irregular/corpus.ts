import { chance, type Chance } from '../load/chance.ts'
import type { CorpusSpec } from '../load/corpus.ts'
import { OTHER_DIALECTS, rfc3164, rfc5424, type Said } from './dialects.ts'
import { makeShapes, type Shape } from './shapes.ts'

/**
 * The irregular corpus: 360 shapes with Zipf frequency, a fifth in other dialects, a tenth framed by octet counting, one
 * message in a hundred longer than 2 KiB, structured data, JSON and logfmt, addresses of all kinds, some UTF-8. Fixed seeds.
 */
const NODES = 400
const OTHER_DIALECT_PERCENT = 20
const COUNTED_PERCENT = 10
const LONG_PER_THOUSAND = 10
const LONG_BYTES = 2048
/** Zipf's exponent: the first shape has about a tenth of all messages, the last a few in ten thousand. */
const EXPONENT = 0.9
const SEED = 360

export const irregularCorpus = (count: number, numbering?: (i: number) => string): CorpusSpec => ({
  name: numbering === undefined ? 'irregular' : 'irregular-numbered',
  version: 1,
  count,
  frames: (startMs) => irregularFrames(startMs, numbering),
})

/** Frames as they go over the wire, for ever. */
export function* irregularFrames(startMs: number, numbering: (i: number) => string = () => ''): Generator<string, never> {
  const random = chance(SEED)
  const shapes = makeShapes()
  const pickShape = zipf(shapes.length)
  let timeMs = startMs
  for (let i = 0; ; i++) {
    timeMs += random.below(20)
    const shape = shapes[pickShape(random)]!
    const message = written({ ...said(shape, random), iso: new Date(timeMs).toISOString() }, { random, ending: numbering(i) })
    // only a message with a priority is counted: in front of anything else a number may be text, and receivers differ in what they take it for
    yield random.below(100) < COUNTED_PERCENT && message.startsWith('<') ? `${Buffer.byteLength(message)} ${message}` : `${message}\n`
  }
}

function said(shape: Shape, random: Chance): Omit<Said, 'iso'> {
  const node = random.below(NODES)
  const text = shape.text(random)
  return {
    priority: 8 * random.below(24) + random.below(8),
    host: `irr-${String(node).padStart(3, '0')}`,
    app: shape.app,
    pid: 100 + ((node * 37 + shape.app.length * 113) % 5000),
    text: random.below(1000) < LONG_PER_THOUSAND ? lengthened(text, random) : text,
  }
}

/** A stack trace behind the text, two to six kilobytes of it. */
function lengthened(text: string, random: Chance): string {
  let long = text
  for (const bytes = LONG_BYTES + random.below(2 * LONG_BYTES); long.length < bytes; ) long += ` at com.example.${random.pick(['store', 'net', 'api'])}.C${random.below(200)}.run(C.java:${random.below(2000)})`
  return long
}

/** One message in five in another dialect; the ending is the end of the text, also inside JSON. */
function written(message: Said, { random, ending }: { readonly random: Chance; readonly ending: string }): string {
  const complete = { ...message, text: `${message.text}${ending}` }
  if (random.below(100) < OTHER_DIALECT_PERCENT) return random.pick(OTHER_DIALECTS)(complete, random)
  return random.below(2) === 0 ? rfc5424(complete, random) : rfc3164(complete, random)
}

/** Draws 0 … count-1 with a frequency of 1 / (rank + 1) ^ EXPONENT. */
function zipf(count: number): (random: Chance) => number {
  const sums = new Float64Array(count)
  let sum = 0
  for (let rank = 0; rank < count; rank++) sums[rank] = sum += 1 / (rank + 1) ** EXPONENT
  const STEPS = 1 << 24
  return (random) => {
    const wanted = (random.below(STEPS) / STEPS) * sum
    let [low, high] = [0, count - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if (sums[middle]! > wanted) high = middle
      else low = middle + 1
    }
    return low
  }
}
