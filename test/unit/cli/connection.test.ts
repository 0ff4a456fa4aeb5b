import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { DEFAULT_URL, findConnection } from '../../../src/cli/connection.ts'

const folder = mkdtempSync(join(tmpdir(), 'hps-data-'))
writeFileSync(join(folder, 'hub.url'), 'http://127.0.0.1:9090/\n')
writeFileSync(join(folder, 'operator.token'), 'local-token\n')
writeFileSync(join(folder, 'other.token'), 'file-token\n')
writeFileSync(join(folder, 'hps.yaml'), `data: ${folder}\n`)
const env = { HPS_DATA: folder }

test.for<readonly [string, Parameters<typeof findConnection>[0], Readonly<Record<string, string>>, readonly [string, string | undefined]]>([
  ['the data folder says where and with what', {}, env, ['http://127.0.0.1:9090', 'local-token']],
  ['a flag names the data folder', { data: folder }, {}, ['http://127.0.0.1:9090', 'local-token']],
  ['the configuration names the data folder', { config: join(folder, 'hps.yaml') }, {}, ['http://127.0.0.1:9090', 'local-token']],
  ['a variable stands above the folder', {}, { ...env, HPS_TOKEN: 'mine' }, ['http://127.0.0.1:9090', 'mine']],
  ['a flag stands above the variable', { url: 'http://h:1/', tokenFile: join(folder, 'other.token') }, { ...env, HPS_URL: 'http://v:2', HPS_TOKEN: 'mine' }, ['http://h:1', 'file-token']],
  ['the same hub by its URL gets the folder’s token', {}, { ...env, HPS_URL: 'http://127.0.0.1:9090' }, ['http://127.0.0.1:9090', 'local-token']],
  ['another hub never gets the folder’s token', { url: 'http://10.0.0.1:9090' }, env, ['http://10.0.0.1:9090', undefined]],
  ['an empty folder means the usual place', { data: '/nowhere' }, {}, [DEFAULT_URL, undefined]],
])('%s', async ([, options, given, expected]) => {
  const { url, token } = await findConnection(options, given)
  expect([url, token]).toEqual(expected)
})

test.for(['not a url', 'ftp://h', 'javascript:1'])('%s is refused as the place of a hub', async (url) => expect(findConnection({ url }, env)).rejects.toThrow('is not a URL'))

test('a token file that is not there is a usage fault', async () => expect(findConnection({ tokenFile: '/nowhere' }, env)).rejects.toMatchObject({ exitCode: 2 }))
