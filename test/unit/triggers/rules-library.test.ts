import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { formatTextFault } from '#domain/fault.ts'
import { createRenderer } from '#render/index.ts'
import { loadRules, readRuleFiles } from '#triggers/index.ts'
import type { Rule } from '#triggers/rules/rule.ts'
import { runTests } from '#triggers/rules/run-tests.ts'
import { filesIn, fileText, fired, shippedRules, worldOf } from './library.ts'
import { libraryPage } from './library-page.ts'

const RULES = shippedRules()
const ALERTING = RULES.filter(({ policy }) => policy.raisesAlerts)
/** Rules that report stages and lifecycle events; three of them raise alerts too. */
const LIBRARY = ALERTING.filter(({ pack }) => pack !== 'provision')
const PACKS = ['boot', 'fleet', 'hardware', 'hub', 'installers', 'kernel', 'network', 'provision', 'security', 'services', 'storage']

test('there are many rules, in the packs that the page names, and every kind but the calendar is among them', () => {
  expect(LIBRARY.length).toBeGreaterThanOrEqual(100)
  expect([...new Set(RULES.map(({ pack }) => pack))].toSorted()).toEqual(PACKS)
  expect([...new Set(RULES.map(({ when }) => when.kind))].toSorted()).toEqual(['absent', 'alerts', 'change', 'count', 'match', 'rate', 'sequence'])
})

test('the set loads without a warning: each rule asks for an application or has a literal', () => {
  const files = readRuleFiles([new URL('../../../rules', import.meta.url).pathname])
  const loaded = files.ok ? loadRules(files.value, { renderer: createRenderer() }) : files
  expect(loaded.ok && loaded.value.warnings).toEqual([])
})

test('each pack can be used alone, but for the one about alerts of the others', () => {
  const files = readRuleFiles([new URL('../../../rules', import.meta.url).pathname])
  const alone = files.ok ? files.value.filter((file) => loadRules([file], { renderer: createRenderer() }).ok).map(({ name }) => name.slice(name.lastIndexOf('/') + 1)) : []
  expect(alone).toEqual(filesIn('rules').filter((name) => name.endsWith('.yaml') && !['fleet.yaml', 'routes.example.yaml'].includes(name)))
})

describe.each(ALERTING.map((rule) => [rule.id, rule] as const))('%s', (_, rule) => {
  test('says its pack, what to do, what may be a false alarm, and what it is about', () => {
    expect(rule.id.split('.')[0]).toBe(rule.pack)
    const [file, anchor] = (rule.policy.runbook ?? '').split('#')
    expect(file).toMatch(/^docs\/runbooks\/[a-z]+\.md$/)
    expect(fileText(file!)).toContain(`\n## ${anchor}\n`)
    expect(rule.falseAlarms ?? '').not.toBe('')
    expect(rule.tags.length + rule.requires.length).toBeGreaterThan(0)
  })

  test('has a test that it fires, and a near miss', () => {
    const expects = rule.tests.map(({ steps }) => steps.flatMap((step) => (step.kind === 'expect' ? [step.expect] : [])))
    expect(expects.some((all) => all.some((one) => one.firing !== undefined))).toBe(true)
    expect(expects.some((all) => all.every((one) => one.firing === undefined && one.emits === undefined) && all.some((one) => one.nothing_new === true))).toBe(true)
  })

  test('says of its test lines what program they are from', () => {
    const text = fileText(rule.file.slice(rule.file.indexOf('rules/')))
    const from = text.indexOf(`- id: ${rule.id}\n`)
    const own = text.slice(from, text.indexOf('\n- id: ', from + 1) < 0 ? undefined : text.indexOf('\n- id: ', from + 1))
    expect(own.slice(own.indexOf('  tests:'))).toMatch(/\n {4}# \S.+\n(?: {4}# .+\n)* {4}- ['"]/)
  })

  test('tells people by itself only when something is to be done', () => {
    const tells = rule.policy.notify?.to !== undefined
    const SILENT = ['hub.notice-given-up', 'hub.receiver-failing'] // a mail about a mail
    const BOOKKEEPING = ['provision.node-ready', 'boot.slow']
    if (rule.policy.severity === 'critical' || rule.policy.severity === 'error') expect(tells).toBe(!SILENT.includes(rule.id))
    else expect(tells).toBe(BOOKKEEPING.includes(rule.id))
  })
})

test('every entry of the runbooks belongs to a rule, or to an alert of the hub itself', () => {
  const wanted = new Set([...ALERTING.map(({ policy }) => policy.runbook), 'docs/runbooks/hub.md#rules-behind', 'docs/runbooks/hub.md#rules-ended', 'docs/runbooks/hub.md#rules-refused-at-start'])
  const there = filesIn('docs/runbooks').filter((name) => name !== 'README.md').flatMap((name) => [...fileText(`docs/runbooks/${name}`).matchAll(/^## (\S+)$/gm)].map(([, anchor]) => `docs/runbooks/${name}#${anchor}`))
  expect(there.filter((place) => !wanted.has(place))).toEqual([])
  expect(there.length).toBe(new Set(there).size)
})

test('links within the runbooks lead somewhere', () => {
  const broken = filesIn('docs/runbooks').flatMap((name) =>
    [...fileText(`docs/runbooks/${name}`).matchAll(/\]\(([^)]+)\)/g)].map(([, link]) => link!).filter((link) => {
      const [file, anchor] = link.split('#')
      const text = fileText(new URL(file === '' ? name : file!, `file:///docs/runbooks/${name}`).pathname.slice(1))
      return anchor !== undefined && !headings(text).includes(anchor)
    }).map((link) => `${name}: ${link}`))
  expect(broken).toEqual([])
})

test('commands that the runbooks name are there', () => {
  const there = new Set([...fileText('docs/reference/commands.md').matchAll(/^## `(hps [^`]+)`$/gm)].map(([, command]) => command!))
  const named = [...filesIn('docs/runbooks').map((name) => `docs/runbooks/${name}`), 'rules/README.md'].flatMap((name) =>
    [...fileText(name).matchAll(/(?:`|^)(hps(?: [a-z][a-z-]*){1,3})/gm)].map(([, command]) => command!))
  const isThere = (command: string): boolean => there.has(command) || (command.split(' ').length > 2 && isThere(command.slice(0, command.lastIndexOf(' '))))
  expect(named.length).toBeGreaterThan(20)
  expect([...new Set(named)].filter((command) => !isThere(command))).toEqual([])
})

test('what the hub is said to say, it says', () => {
  const code = sourceText()
  const said = RULES.filter(({ pack }) => pack === 'hub').flatMap(({ tests }) => tests.flatMap(({ steps }) => steps.flatMap((step) => (step.kind === 'line' && step.app === 'hps-hub' ? [step.text] : []))))
  /** The message is what stands before the first `key=value`. */
  const messages = [...new Set(said.map((text) => text.split(/ \S+=/)[0]!.trim()))]
  expect(messages.length).toBeGreaterThan(20)
  expect(messages.filter((message) => !code.includes(`'${message}`) && !code.includes(`"${message}`))).toEqual([])
})

/** Anchors as forges make them. */
const headings = (text: string): readonly string[] => [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading!.toLowerCase().replaceAll(' ', '-'))

/** Rules whose test lines set off others too, and rightly. */
const ALSO: readonly (readonly [string, string])[] = [
  ['boot.dhcp-loop', 'network.dhcp-exhausted'],
  ['boot.ipxe-fetch-failed', 'boot.ipxe-not-found'],
  ['boot.ipxe-fetch-failed', 'boot.ipxe-timeout'],
  ['boot.ipxe-no-boot-disk', 'boot.ipxe-bad-image'],
  ['hub.callers-turned-away', 'hub.lease-contradicts'],
  ['installers.stalled', 'installers.first-boot-missing'],
  ['kernel.crash-reboot', 'boot.kernel-panic'],
  ['kernel.oops', 'kernel.lockup'],
  ['network.link-spike', 'network.link-down'],
  ['network.link-spike', 'network.link-flapping'],
  ['storage.filesystem-damaged', 'storage.read-only'],
]

test('one thing sets off one rule: the test lines of each rule through all the others', () => {
  // what it leaves to the others of its pack are their lines
  const also = RULES.filter(({ id }) => id !== 'hub.error').flatMap((rule) => [...new Set(rule.tests.flatMap((one) => othersFired(rule, one)))].map((other) => `${rule.id} ${other}`))
  expect(new Set(also)).toEqual(new Set(ALSO.map(([rule, other]) => `${rule} ${other}`)))
})

function othersFired(rule: Rule, one: Rule['tests'][number]): readonly string[] {
  const world = worldOf([rule, ...RULES.filter((other) => other !== rule && other.policy.status !== 'off')], one.inventory)
  for (const step of one.steps) {
    if (step.kind === 'line') world.line(step)
    else if (step.kind === 'event') world.event(step)
    else if (step.kind === 'advance') world.passTo(world.nowMs + step.byMs)
  }
  return fired(world, RULES).filter((other) => other.rule !== rule.id && other.severity !== 'info').map((other) => other.rule)
}

test('each part of a condition is held by a test of its rule: without it, one fails', () => {
  const survivors = RULES.flatMap((rule) => weakened(rule).filter(({ rule: weak }) => runTests(weak, RULES).length === 0).map(({ without }) => `${rule.id} without ${without}`))
  expect(survivors).toEqual(['hub.database without regex']) // it only gives a field
})

const WITHOUT = { not: undefined, regex: undefined, contains: [], fields: [] } as const

/** The rule with one part of its condition left out; expressions whose groups are its key cannot be. */
function weakened(rule: Rule): readonly { readonly rule: Rule; readonly without: string }[] {
  const { when } = rule
  if (!('on' in when) || when.on.kind !== 'line') return []
  const { match } = when.on
  return (Object.keys(WITHOUT) as (keyof typeof WITHOUT)[]).flatMap((part) => {
    const there = match[part]
    const isThere = Array.isArray(there) ? there.length > 0 : there !== undefined
    if (!isThere || (part === 'regex' && match.regex!.groups.some((group) => rule.by.includes(group)))) return []
    return [{ rule: { ...rule, when: { ...when, on: { kind: 'line', match: { ...match, [part]: WITHOUT[part] } } } } as Rule, without: part }]
  })
}

test('the example of how to change a rule can be used', () => {
  const example = /```yaml\n# (rules\/local\/\S+)\n([^`]+)```/.exec(fileText('rules/README.md'))
  const files = readRuleFiles([new URL('../../../rules', import.meta.url).pathname])
  const loaded = files.ok ? loadRules([...files.value, { name: new URL(`../../../${example![1]!}`, import.meta.url).pathname, text: example![2]!, isLocal: true }], { renderer: createRenderer() }) : files
  if (!loaded.ok) throw new Error(loaded.faults.map(formatTextFault).join('\n'))
  const statusOf = (id: string) => loaded.value.rules.find((rule) => rule.id === id)?.policy.status
  expect([statusOf('network.link-down'), statusOf('fleet.node-silent')]).toEqual(['off', 'live'])
})

test('the page of the library is as the rules are', () => {
  const path = new URL('../../../docs/reference/rule-library.md', import.meta.url)
  const wanted = libraryPage(RULES)
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(path, wanted)
  expect(readFileSync(path, 'utf8')).toBe(wanted)
})

const sourceText = (): string => filesBelow('src').map(fileText).join('\n')

function filesBelow(folder: string): readonly string[] {
  return filesIn(folder).flatMap((name) => (name.endsWith('.ts') ? [`${folder}/${name}`] : name.includes('.') ? [] : filesBelow(`${folder}/${name}`)))
}
