import type { CountGroupView } from '#api/index.ts'
import { didYouMean } from '#base/text.ts'
import { formatUtc } from '#base/time.ts'
import { AppFault } from '#domain/fault.ts'
import { FACILITIES, SEVERITIES } from '#domain/severity.ts'
import { COUNT_FIELDS, parseParamName, type CountKey } from '#store/index.ts'
import type { Names } from '../names.ts'

const MAX_KEYS = 2

/** Keys as people write them. Throws AppFault `bad-request`. @param stepMs of `time`, asked for when there is such a key */
export function readKeys(by: readonly string[], stepMs: () => number): CountKey[] {
  if (by.length > MAX_KEYS) throw new AppFault('bad-request', `Groups have at most ${MAX_KEYS} keys`)
  return by.map((name) => readKey(name, stepMs))
}

function readKey(name: string, stepMs: () => number): CountKey {
  if (name === 'time') return { kind: 'time', stepMs: stepMs() }
  const field = COUNT_FIELDS.find((known) => known === name)
  if (field !== undefined) return { kind: 'field', field }
  const param = parseParamName(name)
  if (param !== undefined) return { kind: 'param', ...param }
  const close = didYouMean(name, [...COUNT_FIELDS, 'time'])
  throw new AppFault('bad-request', `There is no “${name}” to count by${close === undefined ? `; it may be ${[...COUNT_FIELDS, 'time'].join(', ')}, sd.NAME or .NAME` : `; did you mean ${close}?`}`)
}

/** A value of a key as the API shows it; null where messages have none. */
export function keyView(key: CountKey, value: string | number, names: Names): CountGroupView['keys'][number] {
  if (key.kind === 'time') return formatUtc(Number(value))
  if (key.kind === 'param') return value === '' ? null : String(value)
  switch (key.field) {
    case 'node':
      return value === 0 ? null : (names.node(Number(value)) ?? `#${value}`)
    case 'session':
      return value === 0 ? null : (names.session(Number(value)) ?? `#${value}`)
    case 'source':
      return value === 0 ? null : names.source(Number(value))
    case 'severity':
      return SEVERITIES[Number(value)] ?? String(value)
    case 'facility':
      return FACILITIES[Number(value)] ?? String(value)
    case 'app':
    case 'host':
    case 'procid':
    case 'msgid':
    case 'format':
    case 'method':
    case 'template':
      return value === '' ? null : String(value)
  }
}
