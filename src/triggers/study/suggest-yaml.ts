import { stringify } from 'yaml'
import { SEVERITIES } from '#domain/severity.ts'
import type { Line } from '../match/line.ts'
import type { RuleSeverity } from '../policy.ts'
import type { Condition } from './suggest-condition.ts'
import type { Group, Shape } from './suggest-groups.ts'

const MAX_TITLE = 100
/** C1 controls, marks of direction, separators of lines. */
const UNSEEN = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g
/** Good lines that become a test; more of the same say nothing more. */
const MAX_TESTED = 5
/** `sda1`, `md0`, `eth2`: one of a few things that a node has. */
const THING = /^[a-z]{1,12}\d{1,4}(?:[a-z]\d{1,3})*$/

export interface WrittenRule {
  readonly id: string
  readonly condition: Condition
  readonly shape: Shape
  /** Of the condition. */
  readonly groups: readonly Group[]
  readonly good: readonly Line[]
  readonly near: readonly Line[]
}

/** A rule file. All text of senders goes through the YAML writer, which quotes it; a `$` at the beginning of a value is doubled, since it would be a variable. */
export function writeRule({ id, condition, shape, groups, good, near }: WrittenRule): string {
  const things = groups.filter(({ values }) => values.every((value) => THING.test(value))).slice(0, 1)
  const by = ['node', ...things.map(({ name }) => name)]
  const rule = {
    id, title: titleOf(shape, groups), severity: severityOf(good), status: 'shadow', when: { match: matchText(condition) }, by,
    tests: [
      ...good.slice(0, MAX_TESTED).map((line, index) => ({ name: `good line ${index + 1}`, steps: [stepOf(line), { expect: { firing: { node: 'n1', ...Object.fromEntries(things.map(({ name, values }) => [name, values[index]!])) } } }] })),
      ...(near.length === 0 ? [] : [{ name: 'nearly so', steps: [...near.map(stepOf), { expect: { nothing_new: true } }] }]),
    ],
  }
  const head = '# Suggested from lines of the log. On trial: it tells nobody until its status is `live`.\n'
  const file = { format: 1, pack: 'suggested', rules: [rule] }
  const plain = stringify(file, { lineWidth: 0, doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER })
  if (plain.search(UNSEEN) < 0) return head + plain
  // where something cannot be seen, or moves what is seen, every text is quoted and it is written as a number
  const quoted = stringify(file, { lineWidth: 0, defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN', doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER })
  return head + quoted.replace(UNSEEN, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function matchText({ apps, severities, contains, regex, without }: Condition): Record<string, unknown> {
  return {
    ...(apps.length === 0 ? {} : { app: apps.length === 1 ? value(apps[0]!) : apps.map(value) }),
    ...(severities.length === 0 ? {} : { severity: severities }),
    ...(contains === undefined ? {} : { contains: value(contains) }),
    ...(regex === undefined ? {} : { regex: value(regex) }),
    ...(without.length === 0 ? {} : { not: without.length === 1 ? { contains: value(without[0]!) } : { any: without.map((text) => ({ contains: value(text) })) } }),
  }
}

const value = (text: string): string => (/^\$+[a-z]/.test(text) ? `$${text}` : text)
const stepOf = ({ app, severity, text }: Line): string => `0s n1 ${app}.${SEVERITIES[severity] ?? 'info'}: ${text}`

/** The text with its named groups; nothing of it is taken for a template. */
function titleOf({ parts }: Shape, groups: readonly Group[]): string {
  const said = parts.map((part) => (typeof part === 'string' ? part.replace(/[^\w .,:()/=-]+/g, ' ') : groups.includes(part) ? `{{${part.name}}}` : '…')).join('').replace(/\s+/g, ' ').trim()
  const title = `{{node}}: ${said}`
  if (title.length <= MAX_TITLE) return title
  const cut = title.slice(0, MAX_TITLE)
  // not in the middle of a name
  return `${cut.slice(0, cut.lastIndexOf('{{') > cut.lastIndexOf('}}') ? cut.lastIndexOf('{{') : cut.length).trim()} …`
}

function severityOf(good: readonly Line[]): RuleSeverity {
  const code = Math.min(...good.map(({ severity }) => severity))
  if (code <= 2) return 'critical'
  if (code === 3) return 'error'
  return code === 4 ? 'warning' : 'info'
}
