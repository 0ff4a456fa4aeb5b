import type { Renderer } from '#render/index.ts'
import { formatTextFault } from '#domain/fault.ts'
import { FACILITIES } from '#domain/severity.ts'
import { HUB_APP } from '#domain/wire.ts'
import { holds } from '../match/condition.ts'
import { MAX_MATCHED_CHARACTERS, type Line } from '../match/line.ts'
import { loadRules } from '../rules/load.ts'
import type { Match } from '../rules/rule.ts'
import { commonPieces } from './suggest-atoms.ts'
import { conditionsFor, matchOf, type Condition } from './suggest-condition.ts'
import { shapeOf, type Group, type Shape } from './suggest-groups.ts'
import { writeRule } from './suggest-yaml.ts'

/** A line that was chosen; text of senders. `severity` and `facility` are codes. */
export interface ChosenLine { readonly app: string; readonly severity: number; readonly facility?: number | undefined; readonly text: string }
export interface SuggestQuestion { readonly id: string; readonly good: readonly ChosenLine[]; readonly bad: readonly ChosenLine[] }

/** A file that the loader takes, or why there is none. */
export type Suggestion =
  | { readonly ok: true; readonly text: string; readonly regex: string | undefined; readonly contains: string | undefined; readonly groups: readonly string[]; readonly remarks: readonly string[] }
  | { readonly ok: false; readonly reason: SuggestRefusal; readonly detail: string }
export const SUGGEST_REFUSALS = {
  'no-lines': 'a rule is made of one good line at least',
  'too-many': 'fewer lines say as much',
  'nothing-in-common': 'the good lines have no word in common',
  'not-told-apart': 'a bad line cannot be told from the good ones by its text',
  refused: 'the rule was made and the loader refuses it',
} as const
export type SuggestRefusal = keyof typeof SUGGEST_REFUSALS

export const MAX_CHOSEN = 50
/** Of a line that is compared; a rule about what is behind is a rule for a person. */
export const MAX_CHOSEN_CHARACTERS = 1000
const MAX_APPS = 8
/** In a test step an APP-NAME is what has no blank and no colon; a `*` at its end would be a beginning. */
const WRITABLE_APP = /^[^\s:@*][^\s:]*(?<!\*)$/

/** Makes a rule with its tests from lines; pure, and held to the engine and the loader before it is given. */
export function suggestRule({ id, good, bad }: SuggestQuestion, renderer: Renderer): Suggestion {
  if (good.length === 0) return refused('no-lines', SUGGEST_REFUSALS['no-lines'])
  if (good.length + bad.length > MAX_CHOSEN) return refused('too-many', `${good.length + bad.length} lines were given; ${MAX_CHOSEN} at most`)
  const [goods, bads] = [good.map(lineOf), bad.map(lineOf)]
  const shape = shapeOf(commonPieces(goods.map(({ text }) => text)), goods.map(({ text }) => text))
  if (shape === undefined || !shape.parts.some((part) => typeof part === 'string' && /[^\W_]{2,}/.test(part))) return refused('nothing-in-common', 'The good lines have no word in common: choose lines that say the same')
  const { apps, remarks } = appsOf(good)
  let nearest: Line | undefined
  for (const condition of conditionsFor({ shape, apps, good: goods, bad: bads })) {
    const match = matchOf(condition)
    if (match === undefined || !goods.every((line) => holds(match, line))) continue
    nearest = bads.find((line) => holds(match, line))
    if (nearest === undefined) return written({ id, condition, match, shape, good: goods, bad: bads, remarks }, renderer)
  }
  return refused('not-told-apart', nearest === undefined ? 'The good lines cannot be put into one condition' : `No condition was found that the good lines fulfil and this one does not: ${nearest.text.slice(0, 200)}`)
}

interface Made { readonly id: string; readonly condition: Condition; readonly match: Match; readonly shape: Shape; readonly good: readonly Line[]; readonly bad: readonly Line[]; readonly remarks: readonly string[] }

/** The text, when the loader takes it and its tests run as they should. */
function written({ id, condition, match, shape, good, bad, remarks }: Made, renderer: Renderer): Suggestion {
  const near = bad.length > 0 ? bad : nearMisses(match, shape, good)
  // beginnings of an expression may be left out of it
  const groups = shape.parts.filter((part): part is Group => typeof part !== 'string' && condition.regex?.includes(`(?P<${part.name}>`) === true)
  const text = writeRule({ id, condition, shape, groups, good, near })
  const loaded = loadRules([{ name: 'suggested.yaml', text }], { renderer })
  if (!loaded.ok) return refused('refused', loaded.faults.slice(0, 3).map(formatTextFault).join('; '))
  const told = near.length > 0 ? remarks : [...remarks, 'there is no near miss: give a bad line, so that the rule is held to what it must not match']
  return { ok: true, text, regex: condition.regex, contains: condition.contains, groups: groups.map(({ name }) => name), remarks: told }
}

/** The first line with one word changed: what the rule must not match. */
function nearMisses(match: Match, { parts }: Shape, good: readonly Line[]): readonly Line[] {
  const words = parts.flatMap((part) => (typeof part === 'string' ? (part.match(/[A-Za-z]{3,}/g) ?? []) : [])).toSorted((a, b) => b.length - a.length)
  return words.slice(0, 5).map((word): Line => ({ ...good[0]!, text: good[0]!.text.replace(word, () => 'other') })).filter((line) => !holds(match, line)).slice(0, 1)
}

/** What a test can say of a sender: its APP-NAME where it can be written. */
function appsOf(good: readonly ChosenLine[]): { readonly apps: readonly string[]; readonly remarks: readonly string[] } {
  const apps = [...new Set(good.map(({ app }) => app))]
  if (apps.every(isWritable) && apps.length <= MAX_APPS) return { apps, remarks: [] }
  return { apps: [], remarks: [apps.length > MAX_APPS ? `the lines are of ${apps.length} applications: the rule asks for none` : 'an APP-NAME of the lines cannot be written in a test: the rule asks for none'] }
}
export const isWritable = (app: string): boolean => WRITABLE_APP.test(app) && !(FACILITIES as readonly string[]).includes(app.split('/')[0]!) && !/^\d+\//.test(app)

const lineOf = ({ app, severity, facility, text }: ChosenLine): Line => ({
  seq: 0, receivedMs: 0, app: isWritable(app) ? app : 'app', host: 'n1', facility: facility ?? 3, severity, text: text.slice(0, Math.min(MAX_CHOSEN_CHARACTERS, MAX_MATCHED_CHARACTERS)), nodeId: 1, sessionId: 0, sourceId: app === HUB_APP ? 0 : 1, evidence: 'B',
})

const refused = (reason: SuggestRefusal, detail: string): Suggestion => ({ ok: false, reason, detail })
