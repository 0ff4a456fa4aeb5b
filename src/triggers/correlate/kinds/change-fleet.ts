import { MAX_KEY_CHARACTERS } from '../bounds.ts'
import type { KeyState } from '../correlator.ts'
import { ByteReader } from '../memory/bytes.ts'
import { fieldOf } from '../subject.ts'
import { keyText, type KeyPlan } from '../key-plan.ts'
import type { Kind, Part, Tools, WhenOf } from './kind.ts'

/** So many others must be known before one can be unlike them. */
const MIN_OTHERS = 2

interface Member { readonly profile: string; readonly value: string; readonly isRaised: boolean }

/**
 * `change` versus `fleet_profile`: the value that most nodes of the same profile have. A key is compared with the last values of the others of
 * its profile (that agree in the rest of the key): raised when at least two are known, more than half of them agree, and it does not;
 * cleared when it comes to agree. It is looked at when it says something, never because others changed. A node without a profile is left out.
 */
export class ChangeFleetKind implements Kind {
  readonly #tools: Tools<WhenOf<'change'>>
  /** Profile (and rest of the key) → value → how many have it. */
  readonly #tallies = new Map<string, Map<string, number>>()

  constructor(tools: Tools<WhenOf<'change'>>) {
    this.#tools = tools
  }

  take({ given }: Part): void {
    const { keys, when, inventory, keyless, report } = this.#tools
    const value = fieldOf(when.value, given)?.slice(0, MAX_KEY_CHARACTERS)
    const profile = inventory().facts(given.subject.nodeId)?.profile ?? ''
    if (value === undefined || profile === '') return keyless()
    const slot = keys.begin(given, 0)
    if (slot < 0) return keyless()
    const known = keys.isNew ? undefined : this.#read(slot)
    if (known !== undefined) this.#tally(slot, known, -1)
    const usual = this.#usual(slot, profile)
    const isUnlike = usual !== undefined && usual !== value
    const extra = { value, ...(usual === undefined ? {} : { previous: usual }) }
    if (isUnlike && !(known?.isRaised === true && known.value === value)) report.raise(keys.keyOf(slot), { reason: 'changed', ...given, extra })
    else if (!isUnlike && known?.isRaised === true) report.clear(keys.keyOf(slot), { reason: 'arrived', ...given, extra })
    const member = { profile, value, isRaised: isUnlike }
    this.#tally(slot, member, 1)
    if (known?.value !== value || known.profile !== profile || known.isRaised !== isUnlike) this.#write(slot, member)
  }

  due(): void {
    // It has no deadlines.
  }

  dropping(slot: number): void {
    this.#tally(slot, this.#read(slot), -1)
  }

  restored(slot: number): void {
    this.#tally(slot, this.#read(slot), 1)
  }

  explain(slot: number): KeyState {
    const known = this.#read(slot)
    const tally = this.#tallies.get(this.#groupOf(slot, known.profile))
    const others = [...(tally ?? [])].sort((a, b) => b[1] - a[1]).slice(0, 3).map(([value, count]) => `\`${value}\` ${count}`)
    return { summary: `\`${known.value}\`; of profile ${known.profile}: ${others.join(', ')}`, have: undefined, need: undefined, dueMs: undefined }
  }

  /** What more than half of the others have; the slot itself is not in the tally. */
  #usual(slot: number, profile: string): string | undefined {
    const tally = this.#tallies.get(this.#groupOf(slot, profile))
    if (tally === undefined) return undefined
    const total = tally.values().reduce((sum, count) => sum + count, 0)
    const most = tally.entries().reduce((best, entry) => (entry[1] > best[1] ? entry : best))
    return total >= MIN_OTHERS && most[1] * 2 > total ? most[0] : undefined
  }

  #tally(slot: number, { profile, value }: Member, by: 1 | -1): void {
    const group = this.#groupOf(slot, profile)
    const tally = this.#tallies.getOrInsertComputed(group, () => new Map<string, number>())
    const count = (tally.get(value) ?? 0) + by
    if (count > 0) tally.set(value, count)
    else tally.delete(value)
    if (tally.size === 0) this.#tallies.delete(group)
  }

  #groupOf(slot: number, profile: string): string {
    const { keys } = this.#tools
    return profile + restOf(keys.plan, keyText(keys.plan, keys.partsOf(slot), 0))
  }

  #write(slot: number, { profile, value, isRaised }: Member): void {
    const { keys, writer } = this.#tools
    keys.write(slot, writer.clear().byte(isRaised ? 1 : 0).text(profile).text(value).written)
  }
  #read(slot: number): Member {
    const reader = new ByteReader(this.#tools.keys.store.stateOf(slot))
    return { isRaised: reader.byte() === 1, profile: reader.text(), value: reader.text() }
  }
}

/** The parts of a key beside node and session. */
function restOf(plan: KeyPlan, text: string): string {
  const parts = JSON.parse(text) as readonly string[]
  return JSON.stringify(parts.filter((_, index) => plan.parts[index]!.kind !== 'node' && plan.parts[index]!.kind !== 'session'))
}
