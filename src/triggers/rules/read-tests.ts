import { parseDurationMs } from '#base/duration.ts'
import type { HubEventKind } from '#domain/hub-event.ts'
import { HUB_EVENT_KINDS } from '#domain/hub-event.ts'
import { FACILITIES, facilityCode, SEVERITIES, severityCode } from '#domain/severity.ts'
import { below, checkWord, meant, refuse, type Reading } from './fault.ts'
import { EVENT_WORDS } from './read-pattern.ts'
import { checkFact } from './read-where.ts'
import type { Expectation, Fields, RuleTest, Step } from './rule.ts'
import type { ExpectFile, StepFile, TestFile } from './schema-tests.ts'

/** `'<time> <node>[/<session>] [<facility>/]<app>.<severity>: <text>'` */
const LINE = /^(?<at>\S+) (?<node>[A-Za-z0-9.-]+)(?:\/(?<session>\w+))? (?:(?<facility>[a-z0-9]+)\/)?(?<app>[^\s:]+)\.(?<severity>[a-z]+): ?(?<text>.*)$/s
/** `'<time> <node>[/<session>] @<event> <to> [<field>=<value> …]'`; a value with blanks stands in double quotes. */
const EVENT = /^(?<at>\S+) (?<node>-|[A-Za-z0-9.-]+)(?:\/(?<session>\w+))? @(?<event>\w+) (?<to>\S+)(?<rest>(?: [\w.-]+=(?:"[^"]*"|[^\s"]+))*)$/
const FIELD = / ([\w.-]+)=(?:"([^"]*)"|([^\s"]+))/g
const FORMS = "e.g. '5s n1/a1b2c3 kernel.crit: text' or '5s n1/a1b2c3 @session start'"

/** The `tests` of a rule. */
export function readTests(tests: readonly TestFile[], at: Reading): RuleTest[] {
  return tests.map((test, index) => {
    const steps = below(at, index, 'steps')
    const read = test.steps.map((step, number) => readStep(step, below(steps, number))).filter((step) => step !== undefined)
    if (!test.steps.some((step) => typeof step === 'object' && 'expect' in step)) refuse(steps, 'a test expects something', 'e.g. `- expect: {nothing_new: true}`')
    checkOrder(read, steps)
    return { name: test.name, evidence: test.evidence === 'C' ? 'C' : 'B', inventory: readInventory(test.inventory ?? {}, below(at, index, 'inventory')), steps: read }
  })
}

/** Time does not go back, so that a test reads as it runs. */
function checkOrder(steps: readonly Step[], { faults }: Reading): void {
  let nowMs = 0
  for (const step of steps) {
    if (step.kind === 'advance') nowMs += step.byMs
    if (step.kind !== 'line' && step.kind !== 'event') continue
    if (step.atMs < nowMs) refuse({ path: step.path, faults }, 'it is earlier than what stands before it', 'times count from the start of the test')
    else nowMs = step.atMs
  }
}

function readInventory(nodes: Readonly<Record<string, Readonly<Record<string, unknown>>>>, at: Reading): RuleTest['inventory'] {
  for (const [node, facts] of Object.entries(nodes)) for (const [name, value] of Object.entries(facts)) checkFact(name, String(value), below(at, node, name))
  return Object.fromEntries(Object.entries(nodes).map(([node, facts]) => [node, asFields(facts)]))
}

function readStep(step: StepFile, at: Reading): Step | undefined {
  if (typeof step === 'string') return /^\S+ \S+ @/.test(step) ? readEvent(step, at) : readLine(step, at)
  const { advance, expect } = step
  if ((advance === undefined) === (expect === undefined)) {
    refuse(at, 'a step is a line, `advance` or `expect`', advance === undefined ? undefined : 'each in a step of its own')
    return undefined
  }
  if (expect !== undefined) return { path: [...at.path, 'expect'], kind: 'expect', expect: readExpect(expect, below(at, 'expect')) }
  const byMs = parseDurationMs(advance!)
  if (byMs === undefined) refuse(below(at, 'advance'), '`advance` is a time', 'e.g. 5m')
  return { path: at.path, kind: 'advance', byMs: byMs ?? 0 }
}

function readLine(text: string, at: Reading): Step | undefined {
  const parts = LINE.exec(text)?.groups
  if (parts === undefined) {
    refuse(at, 'the line cannot be read', FORMS)
    return undefined
  }
  const severity = severityCode(parts['severity']!)
  // `postfix/smtpd` is a name: only what is a facility is read as one.
  const facility = parts['facility'] === undefined ? undefined : facilityCode(parts['facility'])
  const app = facility === undefined && parts['facility'] !== undefined ? `${parts['facility']}/${parts['app']!}` : parts['app']!
  if (severity === undefined) refuse(at, `there is no severity \`${parts['severity']!}\``, meant(parts['severity']!, SEVERITIES))
  return { path: at.path, kind: 'line', atMs: readMoment(parts['at']!, at), node: parts['node']!, session: parts['session'] ?? '', app, facility: facility ?? (app === 'kernel' ? FACILITIES.indexOf('kern') : undefined), severity: severity ?? 6, text: parts['text']! }
}

function readEvent(text: string, at: Reading): Step | undefined {
  const parts = EVENT.exec(text)?.groups
  if (parts === undefined) {
    refuse(at, 'the event cannot be read', "e.g. '0s n1/a1b2c3 @state installing from=configured' or '5m n1 @alert firing rule=node.silent'")
    return undefined
  }
  const event = parts['event']! as HubEventKind
  const before = at.faults.length
  checkWord(event, HUB_EVENT_KINDS, { at, what: 'event of the hub' })
  const words = at.faults.length === before ? EVENT_WORDS[event] : undefined
  if (words !== undefined) checkWord(parts['to']!, words, { at, what: `\`${event}\`` })
  const { from = '', ...fields } = Object.fromEntries([...parts['rest']!.matchAll(FIELD)].map(([, name, quoted, plain]) => [name!, quoted ?? plain!]))
  return { path: at.path, kind: 'event', atMs: readMoment(parts['at']!, at), node: parts['node'] === '-' ? '' : parts['node']!, session: parts['session'] ?? '', event, to: parts['to']!, from, fields }
}

function readMoment(text: string, at: Reading): number {
  const ms = parseDurationMs(text)
  if (ms === undefined) refuse(at, `\`${text}\` is not a time`, 'e.g. 0s, 90s, 2h')
  return ms ?? 0
}

/** Fields are compared as texts, whatever YAML made of them. */
function readExpect(expect: ExpectFile, at: Reading): Expectation {
  if (Object.keys(expect).length === 0) refuse(at, '`expect` says at least one thing', 'e.g. `nothing_new: true`')
  const { count, nothing_new: nothingNew, ...fields } = expect
  return {
    ...(count === undefined ? {} : { count }), ...(nothingNew === undefined ? {} : { nothing_new: nothingNew }),
    ...Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, asFields(value)])),
  }
}

const asFields = (value: Readonly<Record<string, unknown>>): Fields => Object.fromEntries(Object.entries(value).map(([name, item]) => [name, String(item)]))
