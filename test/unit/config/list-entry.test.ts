import { expect, test } from 'vitest'
import { appendListEntry, listEntryLines } from '#config/index.ts'

const PATH = ['syslog', 'tags'] as const
const ENTRY = { from: '10.0.0.7', starts: 'a: "b" # c', app_word: 1 }
const LINES = '    - from: 10.0.0.7\n      starts: \'a: "b" # c\'\n      app_word: 1\n'

test.for<[what: string, text: string, expected: string]>([
  ['an empty file', '', `syslog:\n  tags:\n${LINES}`],
  ['a file of comments', '# nothing yet\n', `# nothing yet\n\nsyslog:\n  tags:\n${LINES}`],
  ['no such key', 'data: x # y\n', `data: x # y\nsyslog:\n  tags:\n${LINES}`],
  ['a key without a value', 'syslog:\ndata: x\n', `syslog:\n  tags:\n${LINES}data: x\n`],
  ['an empty list', 'syslog:\n  tags: []\n', 'syslog:\n  tags: [ { from: 10.0.0.7, starts: \'a: "b" # c\', app_word: 1 } ]\n'],
  ['a list with comments', 'syslog:\n  tags: # mine\n    # the first\n    - { app: a } # b\n', `syslog:\n  tags:\n    # mine\n    # the first\n    - { app: a } # b\n${LINES}`],
])('an entry goes into %s', ([, text, expected]) => {
  expect(appendListEntry({ file: 'hub.yaml', text, path: PATH, entry: ENTRY })).toEqual({ ok: true, value: expected })
})

test.for<[what: string, text: string, said: string]>([
  ['no YAML', 'a: [', 'Flow sequence'],
  ['a map in place of the list', 'syslog: { tags: { a: 1 } }', 'syslog.tags is not a list'],
  ['a text in place of the map', 'syslog: yes', 'syslog is not a map'],
  ['a list in place of the file', '- a', 'the file is not a map'],
])('%s is a fault', ([, text, said]) => {
  const result = appendListEntry({ file: 'hub.yaml', text, path: PATH, entry: ENTRY })
  expect(result.ok ? '' : result.faults[0]!.message).toContain(said)
})

test('the lines for a person are what is written into an empty file', () => {
  const written = appendListEntry({ file: 'hub.yaml', text: '', path: PATH, entry: ENTRY })
  expect(written).toEqual({ ok: true, value: listEntryLines({ path: PATH, entry: ENTRY }) })
})
