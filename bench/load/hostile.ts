import { chance } from './chance.ts'

/** What a careless or spiteful sender may send: nothing that a dictionary could keep. Made from a fixed seed. */
const DELIMITERS = ' ,;:|/=-+()[]{}<>"\'\t'
const LONGEST_BYTES = 65_535
type Random = ReturnType<typeof chance>

const words = (random: Random, count: number): string => {
  let text = ''
  for (let i = 0; i < count; i++) text += random.hex(1 + random.below(6)).replace(/\d/g, 'x') + DELIMITERS[random.below(DELIMITERS.length)]!
  return text
}
const TEXTS: readonly ((random: Random) => string)[] = [
  (random) => words(random, 12),
  // the same words, other delimiters: one template, many shapes
  (random) => ['link', 'is', 'up', 'on', 'port', random.hex(2)].map((word) => word + DELIMITERS[random.below(DELIMITERS.length)]!).join(''),
  (random) => `\0\0${random.hex(8)}\0${words(random, 4)}`,
  (random) => JSON.stringify(Object.fromEntries(Array.from({ length: 40 }, () => [random.hex(4), random.hex(8)]))),
  (random) => `id=${random.hex(16)} at ${random.below(1e9)}`,
]

/** Messages without a newline at the end, for ever. */
export function* hostileMessages(startMs: number): Generator<string, never> {
  const random = chance(7)
  for (let i = 0; ; i++) {
    const text = i % 4000 === 3999 ? words(random, 20_000).slice(0, LONGEST_BYTES - 100) : random.pick(TEXTS)(random)
    yield `<${random.below(192)}>1 ${new Date(startMs + i).toISOString()} ${random.hex(6)} ${random.hex(3)} ${random.below(99_999)} - - ${text}`
  }
}
