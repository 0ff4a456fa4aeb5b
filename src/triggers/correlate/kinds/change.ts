import { MAX_KEY_CHARACTERS } from '../bounds.ts'
import type { KeyState } from '../correlator.ts'
import { ByteReader } from '../memory/bytes.ts'
import { hash53 } from '../memory/hash.ts'
import { fieldOf } from '../subject.ts'
import type { Given } from '../key-plan.ts'
import type { Kind, Part, Tools, WhenOf } from './kind.ts'

/** Values of a key that `ever_seen` knows; of more, the one longest unseen is new again. */
export const MAX_VALUES_SEEN = 256

/** What is known of a key. */
interface Values {
  /** Session of `last`; 0 where sessions play no part. */
  readonly sessionId: number
  readonly last: string
  /** Last value of the session before; undefined: there is none. */
  readonly before: string | undefined
  /** Hashes of values, the longest unseen first. */
  readonly seen: readonly number[]
}

/**
 * `change`: a field has another value than before; the first value of a key is learned and raises nothing.
 * - `previous_event`: than the last time.
 * - `previous_session`: than the last value in the session before. A value that goes on within the session is told once; what still comes
 *   from an older session, or from none, is not looked at.
 * - `ever_seen`: than any of the last 256 different ones.
 * What has no such field is not looked at. Values are kept until the bounds take them.
 */
export class ChangeKind implements Kind {
  readonly #tools: Tools<WhenOf<'change'>>

  constructor(tools: Tools<WhenOf<'change'>>) {
    this.#tools = tools
  }

  take({ given }: Part): void {
    const { keys, when, keyless } = this.#tools
    const value = fieldOf(when.value, given)?.slice(0, MAX_KEY_CHARACTERS)
    if (value === undefined) return keyless()
    const sessionId = when.versus === 'previous_session' ? given.subject.sessionId : 0
    if (when.versus === 'previous_session' && sessionId === 0) return
    const slot = keys.begin(given, 0)
    if (slot < 0) return keyless()
    if (keys.isNew) return this.#write(slot, { sessionId, last: value, before: undefined, seen: when.versus === 'ever_seen' ? [hash53(value)] : [] })
    const known = this.#read(slot)
    if (when.versus === 'previous_session') this.#versusSession(slot, { known, value, given })
    else if (when.versus === 'ever_seen') this.#versusEver(slot, { known, value, given })
    else if (known.last !== value) {
      this.#raise(slot, { previous: known.last, value, given })
      this.#write(slot, { ...known, last: value })
    }
  }

  due(): void {
    // It has no deadlines.
  }

  restored(slot: number): void {
    this.#read(slot)
  }

  explain(slot: number): KeyState {
    const { last, before, seen } = this.#read(slot)
    const than = before === undefined ? '' : `, \`${before}\` in the session before`
    const ever = seen.length === 0 ? '' : `, ${seen.length} different values seen`
    return { summary: `\`${last}\` the last time${than}${ever}`, have: undefined, need: undefined, dueMs: undefined }
  }

  #versusSession(slot: number, { known, value, given }: { readonly known: Values; readonly value: string; readonly given: Given }): void {
    const { sessionId } = given.subject
    if (sessionId < known.sessionId) return
    const isSame = sessionId === known.sessionId
    if (isSame && value === known.last) return
    const before = isSame ? known.before : known.last
    if (before !== undefined && before !== value) this.#raise(slot, { previous: before, value, given })
    this.#write(slot, { ...known, sessionId, last: value, before })
  }

  #versusEver(slot: number, { known, value, given }: { readonly known: Values; readonly value: string; readonly given: Given }): void {
    const hash = hash53(value)
    if (known.seen.at(-1) === hash) return
    if (!known.seen.includes(hash)) this.#raise(slot, { previous: known.last, value, given })
    this.#write(slot, { ...known, last: value, seen: [...known.seen.filter((one) => one !== hash), hash].slice(-MAX_VALUES_SEEN) })
  }

  #raise(slot: number, { previous, value, given }: { readonly previous: string; readonly value: string; readonly given: Given }): void {
    const { report, keys } = this.#tools
    report.raise(keys.keyOf(slot), { reason: 'changed', ...given, extra: { previous, value } })
  }

  #write(slot: number, { sessionId, last, before, seen }: Values): void {
    const { keys, writer } = this.#tools
    writer.clear().varint(sessionId).text(last).byte(before === undefined ? 0 : 1)
    if (before !== undefined) writer.text(before)
    for (const hash of seen) writer.f64(hash)
    keys.write(slot, writer.written)
  }

  #read(slot: number): Values {
    const reader = new ByteReader(this.#tools.keys.store.stateOf(slot))
    const sessionId = reader.varint()
    const last = reader.text()
    const before = reader.byte() === 1 ? reader.text() : undefined
    const seen: number[] = []
    while (!reader.isAtEnd) seen.push(reader.f64())
    return { sessionId, last, before, seen }
  }
}
