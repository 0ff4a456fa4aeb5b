import { readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { ARGUMENT_NAMES } from '#provision/index.ts'
import { createRenderer, MEDIA, TemplateFault, type Medium } from '#render/index.ts'
import { BLOCKS, HELPERS } from '../../../src/render/check.ts'
import { linksTo, MAIL_SIZES } from '../../../src/triggers/actions/mail-compose.ts'
import { MAIL_HTML } from '../../../src/triggers/actions/mail-html.ts'
import { MAIL_TEXT } from '../../../src/triggers/actions/mail-text.ts'
import { mailView } from '../../../src/triggers/actions/mail-view.ts'
import { TITLE_FIELDS } from '../../../src/triggers/rules/check-names.ts'

/** docs/reference/templates.md is held to what templates are. */
const root = fileURLToPath(new URL('../../../', import.meta.url))
const page = readFileSync(`${root}docs/reference/templates.md`, 'utf8')
const section = (title: string): string => page.split(/^## /m).find((part) => part.startsWith(`${title}\n`)) ?? ''
const cells = (row: string): string[] => row.split('|').map((cell) => cell.trim()).slice(1, -1)
const rows = (text: string): string[][] => text.split('\n').filter((line) => /^\| [`a(]/.test(line)).map(cells)
/** The words in backquotes of the first column. */
const named = (text: string): string[] => rows(text).flatMap(([first]) => [...first!.matchAll(/`([A-Za-z-]+)`/g)].map(([, name]) => name!))

const renderer = createRenderer()
const render = (medium: Medium, source: string, view: Readonly<Record<string, unknown>>): string => renderer.compile({ source, medium, name: 't' })(view)

const VALUE = "it's <b>; $x"
const BREAKS: Readonly<Record<string, string>> = { 'itself, inside the quotes': "'a\nb'", '`_`': 'a_b', '`\\x0a`': 'a\\x0ab', '`\\n`': '"a\\nb"', 'a blank': 'a b' }

describe('media', () => {
  const media = rows(section('Media')).filter((row) => row.length === 5 && row[0] !== 'medium')
  test('all of them are in the table, in order', () => expect(media.map(([name]) => name)).toEqual(MEDIA.map((medium) => `\`${medium}\``)))
  test.for(media)('%s becomes what the page says', ([name, , , example, lineBreak]) => {
    const medium = name!.replaceAll('`', '') as Medium
    expect(render(medium, '{{x}}', { x: VALUE })).toBe(example!.slice(1, -1))
    const broken = render(medium, '{{x}}', { x: 'a\nb' })
    expect(medium === 'kickstart' ? broken.replaceAll("'", '') : broken).toBe(BREAKS[lineBreak!])
  })
})

test('every helper and block is shown', () => {
  const written = section('How they are written')
  expect([...HELPERS.filter((name) => !written.includes(`{{${name} `) && !written.includes(`(${name} `)), ...BLOCKS.filter((name) => !written.includes(`{{#${name} `))]).toEqual([])
})

test('the example is a template', () => {
  const [, example] = /```\n([^`]*)```/.exec(section('How they are written'))!
  const view = { node: 'tch-001', disk: 'sda', labels: {}, session: 'a1b2c3', lines: [{ app: 'zed', text: 'DEGRADED' }] }
  expect(render('mail', example!, view)).toBe('tch-001: disk sda failed\nconsole=ttyS0 hps.node=tch-001 rack=none\nof session a1b2c3\n0 zed: DEGRADED\n')
})

test.for<readonly [Medium, string]>([
  ['mail', '{{{x}}}'], ['mail', '{{&x}}'], ['mail', '{{> part}}'], ['mail', '{{* decorator}}'], ['mail', '{{strange x}}'], ['mail', '{{y}}'],
  ['sh', '"{{x}}"'], ['sh', '`{{x}}`'], ['sh', '# {{x}}'], ['sh', 'cat <<E\n{{x}}'], ['kickstart', '"{{x}}"'], ['json', '"{{x}}"'],
  ['html', '<p a={{x}}>'], ['html', '<script>{{x}}'], ['html', '<style>{{x}}'], ['sh', '{{#if x}}"{{/if}}'], ['mail', ' '.repeat(1_048_577)],
])('as the page says, %s refuses %s', ([medium, source]) => expect(() => render(medium, source, { x: 'x' })).toThrow(TemplateFault))

describe('names', () => {
  test('of titles', () => expect(named(section('Titles of rules')).toSorted()).toEqual(TITLE_FIELDS.toSorted()))
  test('of kernel arguments', () => expect(named(section('Kernel arguments of profiles'))).toEqual([...ARGUMENT_NAMES]))

  const [mails, scripts] = section('Mails and scripts').split('and a script of') as [string, string]
  test('of mails', () => {
    const view = mailView({ story: { kind: 'test', receiver: 'ops', atMs: 0, by: 'anna', hub: 'hub' }, around: [], links: linksTo(undefined), limits: MAIL_SIZES[0]! })
    expect(named(mails).toSorted()).toEqual(Object.keys(view).toSorted())
    const asked = [MAIL_TEXT, MAIL_HTML].flatMap((source) => renderer.names({ source, medium: 'mail', name: 'mail' }).map(({ name }) => name))
    expect(asked.filter((name) => !(name in view))).toEqual([])
  })
  test('of scripts', () => {
    const folder = `${root}src/provision/scripts/`
    const asked = readdirSync(folder).flatMap((file) => renderer.names({ source: readFileSync(folder + file, 'utf8'), medium: 'ipxe', name: file }).map(({ name }) => name))
    expect(named(scripts).toSorted()).toEqual([...new Set(asked)].toSorted())
  })
})
