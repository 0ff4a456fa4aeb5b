import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import type { HubConfig } from '../../../src/app/config.ts'
import { preparePaths } from '../../../src/app/paths.ts'

const folder = mkdtempSync(join(tmpdir(), 'hps-paths-'))
afterEach(() => rmSync(folder, { recursive: true, force: true }))
const configOf = (data: string) => ({ data, boot: { assets: 'assets' }, rules: { directories: [] } }) as unknown as HubConfig
const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8)

test('in a folder that everyone may enter, the log and the database are private, old ones too', () => {
  mkdirSync(join(folder, 'log'), { recursive: true })
  writeFileSync(join(folder, 'hub.db'), '')
  for (const [path, mode] of [[folder, 0o755], [join(folder, 'log'), 0o755], [join(folder, 'hub.db'), 0o644]] as const) chmodSync(path, mode)
  const paths = preparePaths(configOf(folder))
  expect([modeOf(paths.log), modeOf(paths.database), modeOf(folder)]).toEqual(['700', '600', '755'])
})

test('a folder that the hub makes is private as a whole', () => {
  const paths = preparePaths(configOf(join(folder, 'new')))
  expect([modeOf(paths.data), modeOf(paths.log), modeOf(paths.database)]).toEqual(['700', '700', '600'])
})
