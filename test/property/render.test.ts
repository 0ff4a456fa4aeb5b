import { execFileSync } from 'node:child_process'
import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import { createRenderer, type Medium } from '#render/index.ts'

const renderer = createRenderer()
const render = (medium: Medium, source: string, view: Readonly<Record<string, unknown>>): string => renderer.compile({ source, medium, name: 't' })(view)

/** Texts rich in what shells, iPXE and JSON make something of. */
const special = fc.constantFrom("'", '"', '`', '$', '$(', '${', '}', ')', '\\', '\n', '\r', ' ', '\t', ';', '&', '&&', '|', '||', '#', '*', '?', '~', '!', '-', '--', '<<', '{{', '}}', '%', '=', 'é', '\u2028', '😀', '\u0001', '\u007f')
const hostile = fc.array(fc.oneof(special, fc.string({ maxLength: 6, unit: 'binary' }), fc.constantFrom('a', 'chain', 'x=1')), { maxLength: 10 }).map((parts) => parts.join('').toWellFormed().replaceAll('\0', ''))

test.prop([fc.array(fc.array(hostile, { minLength: 1, maxLength: 5 }), { minLength: 40, maxLength: 40 })], { numRuns: 5 })(
  'sh: a real shell gives every value back as it was, alone, behind a prefix and as an argument',
  (cases) => {
    const script = cases.map((values) => render('sh', "x={{first}}\nprintf '%s\\0' \"$x\" --name={{first}}{{#each values}} {{this}}{{/each}}\n", { first: values[0], values })).join('')
    const shown = execFileSync('/bin/sh', ['-s'], { input: `LC_ALL=C\n${script}` }).toString('utf8').split('\0').slice(0, -1)
    expect(shown).toEqual(cases.flatMap((values) => [values[0]!, `--name=${values[0]!}`, ...values]))
  },
)

test.prop([fc.jsonValue(), hostile])('json: parsing gives every value back, and the text can stand in a page', (value, text) => {
  const rendered = render('json', '{"v": {{v}} , "t": {{t}} }', { v: value, t: text })
  expect(JSON.parse(rendered)).toEqual(JSON.parse(JSON.stringify({ v: value, t: text })))
  expect(rendered).not.toMatch(/[<>&\u2028\u2029]/)
})

/** The words of a line as iPXE takes them apart: blanks divide, there is no quoting; these words alone end or join commands. */
const ipxeWords = (line: string): readonly string[] => line.split(/[ \t]+/).filter((word) => word !== '')
const TERMINATORS = ['&&', '||', ';', '#']

test.prop([hostile, hostile], { numRuns: 2000 })('ipxe: a value adds no line, expansion, command, comment or option', (value, other) => {
  const rendered = render('ipxe', 'set x {{value}}{{other}} || goto failed', { value, other })
  const inner = rendered.slice('set x '.length, -' || goto failed'.length)
  expect(rendered).toMatch(/^[ -~]*$/)
  expect(inner).not.toMatch(/\$|\||#|&&|[{}'"`\\]/)
  expect(inner).not.toMatch(/^[ -]| $/)
  expect(ipxeWords(rendered).filter((word) => TERMINATORS.includes(word))).toEqual(['||'])
})

test.prop([hostile])('html: a value opens no tag, entity or attribute', (value) => {
  expect(render('html', '{{value}}', { value })).toMatch(/^(?:[^<>"'`=&]|&(?:amp|lt|gt|quot|#39|#96|#61);)*$/)
})

test.prop([hostile])('mail, preseed, kernel-args and kickstart: a value stays on its line', (value) => {
  for (const medium of ['mail', 'preseed', 'kernel-args', 'kickstart'] as const) expect(render(medium, '{{value}}', { value })).not.toMatch(/[\n\r\u2028\u2029]/)
  expect(render('preseed', 'd-i a/b string {{value}}', { value })).not.toMatch(/\\$/)
  expect(render('kernel-args', 'a={{value}}', { value })).toMatch(/^[A-Za-z0-9._:/@=,+%~-]*$/)
})
