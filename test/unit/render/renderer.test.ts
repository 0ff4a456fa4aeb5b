import { describe, expect, test } from 'vitest'
import { createRenderer, MEDIA, TemplateFault, type Medium } from '#render/index.ts'

const renderer = createRenderer()
const render = (medium: Medium, source: string, view: Readonly<Record<string, unknown>> = {}): string => renderer.compile({ source, medium, name: 't.hbs' })(view)
function faultOf(medium: Medium, source: string, view: Readonly<Record<string, unknown>> = {}): string {
  try {
    return `rendered: ${render(medium, source, view)}`
  } catch (error) {
    if (!(error instanceof TemplateFault)) throw error
    return error.message
  }
}

const HOSTILE = `a'b"c\`d$(e)\${f}<g>&h=i;j|k#l\\m\nn\ro\u001bp\u202eq`

test.for<readonly [Medium, string]>([
  ['sh', `'a'\\''b"c\`d$(e)\${f}<g>&h=i;j|k#l\\m\nn\ro\u001bp\u202eq'`],
  ['ipxe', 'a_b_c_d_(e)__f_<g>_h=i;j_k_l_m_n_o_p_q'],
  ['html', 'a&#39;b&quot;c&#96;d$(e)${f}&lt;g&gt;&amp;h&#61;i;j|k#l\\m\\x0an\\x0do\\x1bp\\u{202e}q'],
  ['mail', `a'b"c\`d$(e)\${f}<g>&h=i;j|k#l\\m\\x0an\\x0do\\x1bp\\u{202e}q`],
  ['json', '"a\'b\\"c`d$(e)${f}\\u003cg\\u003e\\u0026h=i;j|k#l\\\\m\\nn\\ro\\u001bp\u202eq"'],
  ['kickstart', `'a'\\''b"c\`d$(e)\${f}<g>&h=i;j|k#l\\m n o p\u202eq'`],
  ['preseed', `a'b"c\`d$(e)\${f}<g>&h=i;j|k#l\\m n o p\u202eq`],
  ['kernel-args', 'a_b_c_d__e___f__g__h=i_j_k_l_m_n_o_p_q'],
])('in %s a value is escaped without the template’s doing', ([medium, expected]) => {
  expect(render(medium, '{{x}}', { x: HOSTILE })).toBe(expected)
})

test('every medium is in the table above', () => {
  expect(MEDIA.toSorted()).toEqual(['html', 'ipxe', 'json', 'kernel-args', 'kickstart', 'mail', 'preseed', 'sh'])
})

test('values in loops, of helpers and in branches are escaped too', () => {
  expect(render('sh', '{{#each l}}{{this}} {{@index}} {{/each}}', { l: ['a b', "c'd"] })).toBe(`'a b' '0' 'c'\\''d' '1' `)
  expect(render('html', '{{upper x}} {{join l ", "}} {{default y x}}{{#with o}}{{z}}{{/with}}', { x: '<a>', l: ['<', '>'], y: '', o: { z: '&' } })).toBe('&lt;A&gt; &lt;, &gt; &lt;a&gt;&amp;')
  expect(render('html', '{{#if (eq a b)}}{{x}}{{else}}no{{/if}}', { a: 1, b: 1, x: '<' })).toBe('&lt;')
})

test('a value is data: what looks like a template in it stays text', () => {
  expect(render('mail', '{{x}}', { x: '{{secret}} {{#each x}}' })).toBe('{{secret}} {{#each x}}')
})

test('JSON values of every kind keep their kind', () => {
  const view = { n: 3.2, b: false, z: null, l: [1, 'a'], o: { k: 'v' }, s: '3.20' }
  expect(JSON.parse(render('json', '{"n": {{n}}, "b": {{b}}, "z": {{z}}, "l": {{l}}, "o": {{o}} , "s": {{s}} }', view))).toEqual(view)
})

describe('faults name the place', () => {
  test.for<readonly [string, Medium, string, string]>([
    ['a name that is not there', 'sh', 'a\n  {{missing}}', 't.hbs:2:5: there is no value `missing`'],
    ['one that every object has', 'mail', '{{constructor}}', 't.hbs:1:3: there is no value `constructor`'],
    ['in a loop', 'mail', '{{#each list}}{{this.q}}{{/each}}', 't.hbs:1:17: there is no value `q`'],
    ['as an argument', 'mail', '{{upper missing}}', 't.hbs:1:9: there is no value `missing`'],
    ['a list that is not there', 'mail', 'x{{#each missing}}{{/each}}', 't.hbs:1:10: there is no value `missing`'],
    ['raw output', 'html', 'a{{{x}}}', 't.hbs:1:2: every value is escaped: there is no `{{{…}}}` (write `{{…}}`)'],
    ['raw output of the other kind', 'html', 'a{{&x}}', 't.hbs:1:2: every value is escaped: there is no `{{{…}}}` (write `{{…}}`)'],
    ['a partial', 'html', 'a{{> part}}', 't.hbs:1:2: partials and decorators are not there'],
    ['a helper that is none', 'sh', 'a\n{{uper x}}', 't.hbs:2:3: there is no `uper` (did you mean upper?)'],
    ['a block that is none', 'sh', '{{#unles x}}{{/unles}}', 't.hbs:1:4: there is no `unles` (did you mean unless?)'],
    ['a block that is not closed', 'sh', 'a\n {{#if x}} {{/each}}', "t.hbs:2:5: if doesn't match each"],
    ['braces that are not closed', 'sh', 'a\n  {{x', 't.hbs:2:6: cannot be read: `}}` or a name is missing here'],
  ])('%s', ([, medium, source, message]) => {
    expect(faultOf(medium, source, { x: 'v', list: [{}] })).toBe(message)
  })
})

describe('a value stands only where its escape holds', () => {
  const QUOTED = 'a value cannot stand in a quoted text: it is a quoted word of its own'
  test.for<readonly [Medium, string, string | undefined]>([
    ['sh', `x={{v}}`, undefined],
    ['sh', `echo 'a' "b" {{v}}`, undefined],
    ['sh', `echo "{{v}}"`, QUOTED],
    ['sh', `echo '{{v}}'`, QUOTED],
    ['sh', `echo "\\"{{v}}"`, QUOTED],
    ['sh', `echo \\"{{v}}`, undefined],
    ['sh', 'echo `x {{v}}`', 'a value cannot stand in a command substitution with backquotes: it is a quoted word of its own'],
    ['sh', 'echo $(x {{v}})', undefined],
    ['sh', '# about {{v}}\n', 'a value cannot stand in a comment: it is a quoted word of its own'],
    ['sh', '# it\'s\necho {{v}}', undefined],
    ['sh', 'echo a#b {{v}}', undefined],
    ['sh', 'cat <<EOF\n{{v}}\nEOF\n', 'a value cannot stand in a template after `<<`: it is a quoted word of its own'],
    ['sh', '{{#if v}}echo "{{/if}}', 'a block ends in the kind of place where it began'],
    ['kickstart', 'user --name={{v}}', undefined],
    ['kickstart', 'user --name="{{v}}"', QUOTED],
    ['kickstart', '# it\'s\nuser --name={{v}}', undefined],
    ['json', '{"a": {{v}} }', undefined],
    ['json', '{"a": "{{v}}"}', 'a value cannot stand in a string: it brings its own quotes'],
    ['json', '{"a\\"b": {{v}} }', undefined],
    ['html', '<p title="{{v}}">{{v}}</p>', undefined],
    ['html', '<p title={{v}}>', 'a value in a tag stands in quotes'],
    ['html', '<script>{{v}}</script>', 'a value cannot stand in a script or style'],
    ['html', '<style>{{v}}</style>', 'a value cannot stand in a script or style'],
    ['html', '<script>x</script>{{v}}', undefined],
    ['mail', '"{{v}}"', undefined],
  ])('%s: %s', ([medium, source, refusal]) => {
    const fault = faultOf(medium, source, { v: 'x' })
    if (refusal === undefined) expect(fault).toMatch(/^rendered: /)
    else expect(fault).toContain(refusal)
  })
})

test('a template is compiled once', () => {
  const request = { source: 'a {{x}}', medium: 'mail', name: 'n' } as const
  expect(renderer.compile(request)).toBe(renderer.compile({ ...request }))
  expect(renderer.compile({ ...request, medium: 'html' })).not.toBe(renderer.compile(request))
})

test('the names that a template asks of its view can be told before', () => {
  const names = renderer.names({ source: '{{a}} {{#if b}}{{c}}{{/if}}{{default d "x"}}\n{{#each e}}{{f}}{{else}}{{g}}{{/each}}', medium: 'mail', name: 'n' })
  expect(names.map(({ name, line }) => `${name}:${line}`)).toEqual(['a:1', 'b:1', 'c:1', 'd:1', 'e:2', 'g:2'])
})
