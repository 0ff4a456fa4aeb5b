import { parseDurationMs } from '#base/duration.ts'
import { FACILITIES, facilityCode, SEVERITIES, severityCode } from '#domain/severity.ts'
import { meant, type RuleFault } from './read-match.ts'
import type { Expectation, Fields, Path, RuleTest, Step } from './rule.ts'
import type { RuleText } from './schema.ts'

/** `'<time> <node>[/<session>] [<facility>/]<app>.<severity>: <text>'` */
const LINE = /^(?<at>\S+) (?<node>[A-Za-z0-9.-]+)(?:\/(?<session>\w+))? (?:(?<facility>[a-z0-9]+)\/)?(?<app>[^\s:]+)\.(?<severity>[a-z]+): ?(?<text>.*)$/s
const EXPECT_KEYS = ['firing', 'not_firing', 'resolved', 'emits', 'count', 'nothing_new'] as const

/** The `tests` of a rule, which stand at `path`. */
export function readTests(tests: RuleText['tests'], path: Path, faults: RuleFault[]): RuleTest[] {
  return tests.map((test, index) => {
    const stepsPath = [...path, index, 'steps']
    const steps = test.steps.map((step, at) => readStep(step, [...stepsPath, at], faults))
    if (!steps.some((step) => step?.kind === 'expect')) faults.push({ path: stepsPath, message: 'a test expects something', hint: 'e.g. `- expect: {nothing_new: true}`' })
    return { name: test.name, evidence: test.evidence, inventory: {}, steps: steps.filter((step) => step !== undefined) }
  })
}

function readStep(step: unknown, path: Path, faults: RuleFault[]): Step | undefined {
  if (typeof step === 'string') return readLine(step, path, faults)
  const [key, value] = typeof step === 'object' && step !== null && !Array.isArray(step) && Object.keys(step).length === 1 ? Object.entries(step)[0]! : ['', undefined]
  if (key === 'advance') {
    const byMs = typeof value === 'string' ? parseDurationMs(value) : undefined
    if (byMs === undefined) faults.push({ path: [...path, key], message: '`advance` is a time', hint: 'e.g. 5m' })
    return { path, kind: 'advance', byMs: byMs ?? 0 }
  }
  if (key === 'expect') return { path: [...path, key], kind: 'expect', expect: readExpect(value, [...path, key], faults) }
  faults.push({ path, message: 'a step is a line, `advance` or `expect`', hint: key === '' ? undefined : meant(key, ['advance', 'expect']) })
  return undefined
}

function readLine(text: string, path: Path, faults: RuleFault[]): Step | undefined {
  const parts = LINE.exec(text)?.groups
  if (parts === undefined) {
    const isEvent = /^\S+ \S+ @/.test(text)
    faults.push({ path, message: isEvent ? 'events of the hub (`@…`) are not part of this format yet' : 'the line cannot be read', hint: "e.g. '5s n1/a1b2c3 kernel.crit: text'" })
    return undefined
  }
  const atMs = parseDurationMs(parts['at']!)
  const severity = severityCode(parts['severity']!)
  // `postfix/smtpd` is a name: only what is a facility is read as one.
  const facility = parts['facility'] === undefined ? undefined : facilityCode(parts['facility'])
  const app = facility === undefined && parts['facility'] !== undefined ? `${parts['facility']}/${parts['app']!}` : parts['app']!
  if (atMs === undefined) faults.push({ path, message: `\`${parts['at']!}\` is not a time`, hint: 'e.g. 0s, 90s, 2h' })
  if (severity === undefined) faults.push({ path, message: `there is no severity \`${parts['severity']!}\``, hint: meant(parts['severity']!, SEVERITIES) })
  return { path, kind: 'line', atMs: atMs ?? 0, node: parts['node']!, session: parts['session'] ?? '', app, facility: facility ?? (app === 'kernel' ? FACILITIES.indexOf('kern') : undefined), severity: severity ?? 6, text: parts['text']! }
}

function readExpect(value: unknown, path: Path, faults: RuleFault[]): Expectation {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || Object.keys(value).length === 0) {
    faults.push({ path, message: '`expect` is a map', hint: `it may hold: ${EXPECT_KEYS.join(', ')}` })
    return {}
  }
  for (const [key, item] of Object.entries(value)) {
    const at = [...path, key]
    if (!(EXPECT_KEYS as readonly string[]).includes(key)) faults.push({ path: at, message: `one cannot expect \`${key}\``, hint: meant(key, EXPECT_KEYS) })
    else if (key === 'nothing_new' && item !== true) faults.push({ path: at, message: '`nothing_new` is true or not there' })
    else if (key === 'count' && !(Number.isInteger(item) && (item as number) > 0)) faults.push({ path: at, message: '`count` is a whole number of at least 1' })
    else if (key !== 'nothing_new' && key !== 'count') checkFields(item, at, faults)
  }
  const { firing, not_firing, resolved, emits, ...rest } = value as Record<string, unknown>
  const fields = { firing, not_firing, resolved, emits }
  return { ...rest, ...Object.fromEntries(Object.entries(fields).flatMap(([key, item]) => (item === undefined ? [] : [[key, asFields(item)]]))) } as Expectation
}

function checkFields(value: unknown, path: Path, faults: RuleFault[]): void {
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value)
  if (!isMap || Object.values(value).some((item) => typeof item === 'object')) faults.push({ path, message: 'fields and their values are meant', hint: 'e.g. {node: n1}' })
}

const asFields = (value: unknown): Fields => Object.fromEntries(Object.entries(value ?? {}).map(([name, item]) => [name, String(item)]))
