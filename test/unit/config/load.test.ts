import { Type } from 'typebox'
import { describe, expect, test } from 'vitest'
import { loadConfig, readYaml, type LeafCheck } from '#config/index.ts'
import { settingsOf, variableName } from '../../../src/config/schema.ts'
import { HubConfig } from '#app/config.ts'
import { formatTextFault } from '#domain/fault.ts'

const schema = Type.Object(
  {
    name: Type.String({ default: 'hub', minLength: 1 }),
    loud: Type.Boolean({ default: false }),
    level: Type.Enum(['info', 'warning'], { default: 'info' }),
    http: Type.Object({ port: Type.Integer({ default: 80, minimum: 1, maximum: 100 }), public_url: Type.Optional(Type.String({ pattern: '^https?://' })) }, { additionalProperties: false, default: {} }),
    listeners: Type.Array(Type.Object({ port: Type.Integer(), address: Type.String({ default: '::' }) }, { additionalProperties: false }), { default: [{ port: 1 }] }),
    profiles: Type.Record(Type.String({ pattern: '^[a-z]+$' }), Type.Object({ boot: Type.String() }, { additionalProperties: false }), { default: {} }),
  },
  { additionalProperties: false, default: {} },
)
const DEFAULTS = { name: 'hub', loud: false, level: 'info', http: { port: 80 }, listeners: [{ port: 1, address: '::' }], profiles: {} }

interface Case {
  readonly text?: string | undefined
  readonly env?: Readonly<Record<string, string>>
  readonly flags?: Parameters<typeof loadConfig>[0]['flags']
  readonly leafChecks?: readonly LeafCheck[]
}
const load = ({ text, env = {}, flags = [], leafChecks = [] }: Case) => loadConfig({ schema, file: 'hps.yaml', text, env, prefix: 'HPS', reserved: ['HPS_LEVEE'], flags, leafChecks })
const faultsOf = (given: Case): string[] => {
  const result = load(given)
  return result.ok ? [] : result.faults.map(formatTextFault)
}
const valueOf = (given: Case): unknown => {
  const result = load(given)
  return result.ok ? result.value : result.faults.map(formatTextFault)
}

describe('what comes out', () => {
  test.for([
    ['no file at all', undefined], ['an empty file', ''], ['comments only', '# nothing\n'], ['sections with nothing in them', 'http:\nlisteners:\nprofiles:\n  # a: {}\n'],
  ] as const)('%s gives the defaults', ([, text]) => expect(valueOf({ text })).toEqual(DEFAULTS))

  test('the file stands above the defaults, a variable above the file, a flag above both', () => {
    const text = 'http: { port: 2 }\nname: file\nlevel: warning\n'
    const env = { HPS_HTTP_PORT: '3', HPS_NAME: 'variable' }
    const flags = [{ name: '--port', path: ['http', 'port'], value: 4 }]
    expect(valueOf({ text, env, flags })).toEqual({ ...DEFAULTS, level: 'warning', name: 'variable', http: { port: 4 } })
  })

  test('a list in a variable is YAML and replaces the list of the file', () => {
    expect(valueOf({ text: 'listeners: [{ port: 7 }, { port: 8 }]', env: { HPS_LISTENERS: '[{ port: 9 }]' } })).toMatchObject({ listeners: [{ port: 9, address: '::' }] })
  })

  test('a map in a variable is YAML', () => expect(valueOf({ env: { HPS_PROFILES: 'disk: { boot: disk }' } })).toMatchObject({ profiles: { disk: { boot: 'disk' } } }))

  test('a text in a variable stays as it is, whatever YAML would make of it', () => expect(valueOf({ env: { HPS_NAME: '3.20' } })).toMatchObject({ name: '3.20' }))

  test('a variable that is no setting and not nearly one is left alone', () => expect(faultsOf({ env: { HPS_SERVICE_HOST: '10.0.0.1', HPS_LEVEE: '1', PATH: '/bin' } })).toEqual([]))

  test('the value is frozen, all the way down, and the defaults of the schema are not', () => {
    const value = valueOf({}) as { http: object; listeners: readonly object[] }
    expect([value, value.http, value.listeners, value.listeners[0]].map(Object.isFrozen)).toEqual([true, true, true, true])
    expect(Object.isFrozen(schema.properties.listeners)).toBe(false)
  })

  test('a key of JavaScript’s own objects is an unknown key like any other', () => {
    expect(faultsOf({ text: '__proto__: { polluted: 1 }\nconstructor: 1\n' })).toEqual([
      expect.stringMatching(/^hps.yaml:1:1: __proto__: there is no such key/),
      expect.stringMatching(/^hps.yaml:2:1: constructor: there is no such key/),
    ])
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
  })
})

describe('faults', () => {
  test.for<readonly [string, string, readonly string[]]>([
    ['an unknown key', 'http:\n  prot: 80\n', ['hps.yaml:2:3: http.prot: there is no such key (here may stand: port, public_url)']],
    ['a key that is nearly right', 'listners: []\n', ['hps.yaml:1:1: listners: there is no such key (did you mean listeners?)']],
    ['an unknown key in a list', 'listeners:\n  - port: 1\n    adress: "::"\n', ['hps.yaml:3:5: listeners[0].adress: there is no such key (did you mean address?)']],
    ['a name that may not be', 'profiles:\n  Bad: { boot: net }\n', ['hps.yaml:2:3: profiles.Bad: the name must match ^[a-z]+$']],
    ['a number in quotes', 'http: { port: "80" }\n', ['hps.yaml:1:15: http.port must be a whole number from 1 to 100, not "80" (remove the quotes)']],
    ['a number out of bounds', 'http: { port: 101 }\n', ['hps.yaml:1:15: http.port must be a whole number from 1 to 100, not 101']],
    ['a fraction', 'http: { port: 1.5 }\n', ['hps.yaml:1:15: http.port must be a whole number from 1 to 100, not 1.5']],
    ['a number where a text belongs', 'name: 5\n', ['hps.yaml:1:7: name must be a text, not 5 (put it in quotes)']],
    ['an empty text', 'name: ""\n', ['hps.yaml:1:7: name must be a text that is not empty, not ""']],
    ['nothing where a text belongs', 'name:\n', ['hps.yaml:1:6: name must be a text, not nothing']],
    ['a word that is not in the list', 'level: warn\n', ['hps.yaml:1:8: level must be one of info, warning, not "warn"']],
    ['a word that nearly is', 'level: warnin\n', ['hps.yaml:1:8: level must be one of info, warning, not "warnin" (did you mean warning?)']],
    ['a text that does not fit its pattern', 'http: { public_url: ftp://x }\n', ['hps.yaml:1:21: http.public_url must be a text that matches ^https?://, not "ftp://x"']],
    ['a map where a list belongs', 'listeners: { port: 1 }\n', ['hps.yaml:1:12: listeners must be a list, not a map']],
    ['a missing key', 'listeners:\n  - address: "::"\n', ['hps.yaml:2:5: listeners[0] lacks `port` (a whole number)']],
    ['a file that is a list', '- a\n', ['hps.yaml:1:1: the configuration must be a map of keys and values, not a list']],
    ['a key given twice', 'name: a\nname: b\n', ['hps.yaml:2:1: Map keys must be unique']],
    ['two documents', 'name: a\n---\nname: b\n', ['hps.yaml:2:1: Source contains multiple documents; please use YAML.parseAllDocuments()']],
    ['a tag nobody knows', 'name: !secret a\n', ['hps.yaml:1:7: Unresolved tag: !secret']],
    ['control characters in a value', 'level: "a\\u001b[2J"\n', ['hps.yaml:1:8: level must be one of info, warning, not "a\\u001b[2J"']],
  ])('%s', ([, text, expected]) => expect(faultsOf({ text })).toEqual(expected))

  test('all faults come at once, the file’s from top to bottom and then the variables’', () => {
    const text = 'level: 1\nhttp:\n  port: 0\n  x: 1\nlisteners: [{ port: a }, { port: b }, { port: c }, { port: d }, { port: e }, { port: f }, { port: g }, { port: h }, { port: i }]\n'
    const places = faultsOf({ text, env: { HPS_NAME: '', HPS_LOUD: 'yes' } }).map((fault) => fault.split(': ')[0])
    expect(places).toEqual(['hps.yaml:1:8', 'hps.yaml:3:9', 'hps.yaml:4:3', ...[21, 34, 47, 60, 73, 86, 99, 112, 125].map((column) => `hps.yaml:5:${column}`), '$HPS_LOUD:1:1', '$HPS_NAME:1:1'])
  })

  test.for<readonly [string, Readonly<Record<string, string>>, string]>([
    ['a value of the wrong kind', { HPS_HTTP_PORT: 'x' }, '$HPS_HTTP_PORT:1:1: http.port must be a whole number from 1 to 100, not "x"'],
    ['an empty number', { HPS_HTTP_PORT: '' }, '$HPS_HTTP_PORT:1:1: http.port must be a whole number from 1 to 100, not ""'],
    ['a truth that is none', { HPS_LOUD: 'yes' }, '$HPS_LOUD:1:1: loud must be true or false, not "yes"'],
    ['a name that is nearly one of ours', { HPS_HTTP_PROT: '1' }, '$HPS_HTTP_PROT:1:1: there is no such setting (did you mean HPS_HTTP_PORT?)'],
    ['a fault inside a list', { HPS_LISTENERS: '[{ port: 1 },\n { port: x }]' }, '$HPS_LISTENERS:2:10: listeners[1].port must be a whole number, not "x"'],
    ['a list that is no YAML', { HPS_LISTENERS: '[{ port: 1 }' }, '$HPS_LISTENERS:1:13: Flow sequence must end with a ]'],
  ])('a variable with %s is named', ([, env, expected]) => expect(faultsOf({ env })).toEqual([expected]))

  test('a fault of a flag names the flag', () => expect(faultsOf({ flags: [{ name: '--port', path: ['http', 'port'], value: 0 }] })).toEqual(['--port:1:1: http.port must be a whole number from 1 to 100, not 0']))

  test('a check of its own says what is wrong with each value it is for, instead of the schema', () => {
    const leafChecks: LeafCheck[] = [{ path: ['listeners', '*', 'address'], check: (value) => (value === '::' ? undefined : 'must be ::') }, { path: ['profiles', '*', 'boot'], check: () => 'is never good' }]
    expect(faultsOf({ text: 'listeners: [{ port: 1, address: 5 }, { port: 2 }, { port: 3, address: a }]\nprofiles: { a: { boot: b } }\n', leafChecks })).toEqual([
      'hps.yaml:1:33: listeners[0].address must be ::, not 5', 'hps.yaml:1:71: listeners[2].address must be ::, not "a"', 'hps.yaml:2:24: profiles.a.boot is never good, not "b"',
    ])
  })

  test('checks of the whole run only on a configuration whose parts are good', () => {
    let runs = 0
    const wholeChecks = [() => (runs++, [{ path: ['http', 'port'], message: 'the port is taken', hint: 'take another' }])]
    const run = (text: string) => loadConfig({ schema, file: 'f', text, env: {}, prefix: 'HPS', wholeChecks })
    expect(run('name: 5')).toMatchObject({ ok: false, faults: [{ line: 1 }] })
    expect(runs).toBe(0)
    expect(run('name: a\nhttp: { port: 7 }')).toEqual({ ok: false, faults: [{ file: 'f', line: 2, column: 15, message: 'the port is taken', hint: 'take another' }] })
  })
})

test('a file without a schema is read with the same positions', () => {
  expect(readYaml('n.yaml', '- a: 1\n- [b\n')).toMatchObject({ ok: false, faults: [{ file: 'n.yaml', line: 3 }] })
  expect(readYaml('n.json', '[{"name":"a"}]')).toEqual({ ok: true, value: [{ name: 'a' }] })
})

test('no two settings of the hub have the same variable', () => {
  const names = settingsOf(HubConfig as never).map(({ path }) => variableName('HPS', path))
  expect(names.length).toBeGreaterThan(20)
  expect(new Set(names).size).toBe(names.length)
})
