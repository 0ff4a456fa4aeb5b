import type { StoredMessage } from '#domain/message.ts'
import type { CountKey, ResolvedQuery } from '#store/index.ts'
import { NOON_MS } from './batches.ts'
import type { Chance } from './run-rows.ts'

const COMPARISONS = ['=', '<', '<=', '>', '>='] as const
const OPENINGS = [undefined, undefined, 'start', 'end', 'both'] as const
const PATTERNS = [
  '^link', 'up$', '^$', 'status=\\d+', '[xq][yz]', '[0-9]{5}', 'seen|lost', '\\bfe80\\b', '\\d\\D\\d', '(?:link|part).*up', 'o[^ ]*n', '\\n', 'line \\d$', '\\B0', 'nowhere[0-9]', '(?:quasar|mounted) [^ ]+ at',
  '[^:]up', '5[0-9]*00 took', 'x',
]
const WORDS = ['link', 'LINK', 'links', 'up', 'quasar', 'fe', 'ab', 'dead', 'face', '00', '7', 'is up', 'status=404', 'second line', 'nowhere', 'eth1', 'caf\u00e9', '\u00fc', ' ', ':', '"', 'link up', 'st=packages', 'beef7:1']

/** A query of any kind; half of the texts are taken from the messages. */
export function anyQuery(chance: Chance, messages: readonly StoredMessage[], depth = 2): ResolvedQuery {
  if (depth > 0 && chance.below(3) === 0) {
    const kind = chance.pick(['and', 'and', 'or', 'not'] as const)
    if (kind === 'not') return { kind, term: anyQuery(chance, messages, depth - 1) }
    return { kind, terms: Array.from({ length: 1 + chance.below(3) }, () => anyQuery(chance, messages, depth - 1)) }
  }
  const comparison = chance.pick(COMPARISONS)
  const message = chance.pick(messages)
  switch (chance.below(18)) {
    case 0:
    case 1:
    case 2:
      return { kind: 'text', text: pieceOf(chance, message.text), ...opening(chance) }
    case 3:
      return { kind: 'text', text: chance.pick(WORDS), ...opening(chance) }
    case 4:
      return { kind: 'regex', pattern: chance.pick(PATTERNS) }
    case 5:
      return { kind: 'regex', pattern: pieceOf(chance, message.text).replace(/[\^$\\.*+?()[\]{}|]/g, (c) => `\\${c}`) }
    case 6: {
      const field = chance.pick(['app', 'host', 'procid', 'msgid', 'label'] as const)
      return { kind: 'field', field, value: chance.pick([message[field], `${message[field].slice(0, 2)}*`, '77', '*', 'KERNEL']) }
    }
    case 7:
      return { kind: 'ids', field: chance.pick(['node', 'session', 'source'] as const), ids: Array.from({ length: chance.below(3) }, () => chance.pick([0, 1, 2, 3, 10, 11, 20, 31, 99])) }
    case 8:
      return { kind: 'severity', comparison, code: chance.below(8) }
    case 9:
      return { kind: 'facility', code: chance.pick([0, 1, 2, 16, 23]) }
    case 10:
      return { kind: 'procid', comparison, value: chance.pick([0, 7, 77]) }
    case 11:
      return { kind: 'confidence', comparison, value: chance.pick([0, 70, 99]) }
    case 12:
      return { kind: chance.pick(['format', 'method', 'fault'] as const), code: chance.below(7) }
    case 13:
      return { kind: 'param', place: 'body', name: chance.pick(['status', 'user.name', 'cisco.mnemonic']), comparison, value: chance.pick(['404', '450', '500', 'ROOT', 'updown']) }
    case 14:
      return { kind: 'param', place: 'sd', name: 'n', sdId: chance.pick([undefined, 'x@1', 'no']), comparison, value: String(chance.below(9)) }
    case 15:
      return { kind: 'session-times', spans: [10, 21].map((id) => ({ id, fromMs: chance.pick([-Infinity, message.receivedMs]), untilMs: chance.pick([Infinity, message.receivedMs + 100]) })) }
    case 16:
      return { kind: 'seq', comparison, value: message.seq + chance.below(3) - 1 }
    default:
      return { kind: 'time', fromMs: chance.pick([undefined, message.receivedMs]), untilMs: chance.pick([undefined, message.receivedMs + chance.below(500), NOON_MS + 1]) }
  }
}

const opening = (chance: Chance): { readonly open?: 'start' | 'end' | 'both' } => {
  const open = chance.pick(OPENINGS)
  return open === undefined ? {} : { open }
}

/** Anything from one letter to the whole text, mostly cut where words end. */
function pieceOf(chance: Chance, text: string): string {
  const words = [...text.matchAll(/\w+/g)]
  if (words.length === 0 || chance.below(4) === 0) {
    const start = chance.below(text.length)
    return text.slice(start, start + 1 + chance.below(12)) || 'x'
  }
  const first = chance.below(words.length)
  const last = words[Math.min(words.length - 1, first + chance.pick([0, 0, 1, 3]))]!
  return text.slice(words[first]!.index, last.index + last[0].length)
}

const FIELDS = ['node', 'session', 'source', 'app', 'host', 'procid', 'msgid', 'severity', 'facility', 'format', 'method', 'template'] as const
export const anyKeys = (chance: Chance): CountKey[] =>
  Array.from({ length: chance.below(3) }, (): CountKey => (chance.below(5) === 0 ? { kind: 'time', stepMs: chance.pick([10, 1000, 60_000]) } : { kind: 'field', field: chance.pick(FIELDS) }))
