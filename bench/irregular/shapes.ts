import { chance, type Chance } from '../load/chance.ts'
import { APPS, FOREIGN, KEYS, WORDS } from './words.ts'

/** A shape of message: whose it is, and how its text is made; the words are fixed when the shapes are made, the variables with each message. */
export interface Shape {
  readonly app: string
  readonly text: (random: Chance) => string
}
export const SHAPES = 360
const SHAPES_SEED = 7

type Slot = (random: Chance) => string
const group = (random: Chance): string => random.hex(4)
const SLOTS: readonly Slot[] = [
  (r) => String(r.below(100)),
  (r) => String(r.below(100_000)),
  (r) => `${r.below(5000)}.${String(r.below(1000)).padStart(3, '0')}`,
  (r) => `0x${r.hex(8)}`,
  (r) => r.hex(12),
  (r) => `10.${r.below(4)}.${r.below(255)}.${r.below(255)}`,
  (r) => `192.168.${r.below(8)}.${r.below(255)}:${1024 + r.below(60_000)}`,
  (r) => `fd00:${group(r)}::${group(r)}:${group(r)}`,
  (r) => `fe80::${group(r)}:${r.hex(2)}ff:fe${r.hex(2)}:${group(r)}%eth${r.below(4)}`,
  (r) => `52:54:00:${r.hex(2)}:${r.hex(2)}:${r.hex(2)}`,
  (r) => `${r.hex(8)}-${r.hex(4)}-4${r.hex(3)}-a${r.hex(3)}-${r.hex(12)}`,
  (r) => `/dev/sd${r.pick(['a', 'b', 'c', 'd', 'e', 'f'])}${1 + r.below(4)}`,
  (r) => `/var/lib/${r.pick(APPS)}/${r.hex(2)}/${r.hex(6)}.dat`,
  (r) => `nvme${r.below(8)}n1`,
  (r) => `0000:${r.hex(2)}:${r.hex(2)}.${r.below(8)}`,
  (r) => `${r.below(900)}ms`,
  (r) => `${1 + r.below(64)}${r.pick(['KiB', 'MiB', 'GiB'])}`,
  (r) => `user${r.below(300)}`,
  (r) => `${r.pick(APPS)}-${r.hex(5)}.service`,
]

/** The same shapes for everyone, the most frequent first. */
export function makeShapes(): readonly Shape[] {
  const random = chance(SHAPES_SEED)
  return Array.from({ length: SHAPES }, () => ({ app: random.pick(APPS), text: makeText(random) }))
}

function makeText(random: Chance): Shape['text'] {
  const kind = random.below(100)
  if (kind < 15) return logfmt(random)
  if (kind < 30) return json(random)
  return sentence(random)
}

/** Words with variables between them; some shapes have a kernel's or a daemon's prefix, some a phrase that is not ASCII. */
function sentence(random: Chance): Shape['text'] {
  const parts: (string | Slot)[] = []
  for (let left = 3 + random.below(12); left > 0; left--) parts.push(random.below(100) < 35 ? random.pick(SLOTS) : random.pick(WORDS))
  if (random.below(100) < 20) parts.unshift(`${random.pick(WORDS)}:`)
  if (random.below(100) < 10) parts.push(`(${random.pick(WORDS)}/${random.pick(WORDS)})`)
  if (random.below(100) < 5) parts.push(random.pick(FOREIGN))
  return (r) => parts.map((part) => (typeof part === 'string' ? part : part(r))).join(' ')
}

const someKeys = (random: Chance): readonly (readonly [string, Slot])[] => Array.from({ length: 3 + random.below(7) }, () => [random.pick(KEYS), random.pick(SLOTS)] as const)

function logfmt(random: Chance): Shape['text'] {
  const [head, keys] = [`level=${random.pick(['debug', 'info', 'warn', 'error'])} msg="${random.pick(WORDS)} ${random.pick(WORDS)} ${random.pick(WORDS)}"`, someKeys(random)]
  return (r) => `${head} ${keys.map(([key, slot]) => `${key}=${slot(r)}`).join(' ')}`
}

function json(random: Chance): Shape['text'] {
  const [level, message, keys] = [random.pick(['debug', 'info', 'warn', 'error']), `${random.pick(WORDS)} ${random.pick(WORDS)}`, someKeys(random)]
  return (r) => JSON.stringify({ level, msg: message, ...Object.fromEntries(keys.map(([key, slot]) => [key, slot(r)])) })
}
